# Build rules shared by every room: compiler settings, room targets, tests.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
  endif()
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  endif()
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(GNUInstallDirs)

# Compiler settings of every target of ours. No -march=native and no -ffast-math: fast paths are
# chosen at run time. -ffp-contract=off keeps plain C++ arithmetic the same on every machine.
# -Wmissing-field-initializers is off: option structs are meant to be filled by designated
# initializers that name only what differs.
add_library(maxsimd_settings INTERFACE)
target_compile_features(maxsimd_settings INTERFACE cxx_std_20)
target_compile_options(maxsimd_settings INTERFACE -Wall -Wextra -Wconversion
  -Wno-missing-field-initializers -ffp-contract=off)
if(MAXSIMD_WERROR)
  target_compile_options(maxsimd_settings INTERFACE -Werror)
endif()
if(MAXSIMD_SANITIZE)
  target_compile_options(maxsimd_settings INTERFACE
    -fsanitize=${MAXSIMD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(maxsimd_settings INTERFACE -fsanitize=${MAXSIMD_SANITIZE})
endif()
if(MAXSIMD_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(maxsimd_settings INTERFACE MAXSIMD_ENABLE_ASSERTS _GLIBCXX_ASSERTIONS)
endif()

# maxsimd_room(NAME SOURCES ... [ROOMS ...] [PRIVATE_LIBS ...] [NOT_INSTALLED])
# One static library per room. ROOMS are the rooms it may include (design: one way only).
# NOT_INSTALLED: no part of the library that programs link.
function(maxsimd_room name)
  cmake_parse_arguments(ROOM "NOT_INSTALLED" "" "SOURCES;ROOMS;PRIVATE_LIBS" ${ARGN})
  set(target maxsimd_${name})
  add_library(${target} STATIC ${ROOM_SOURCES})
  if(MAXSIMD_SANITIZE STREQUAL "thread")  # only what a test needs: see maxsimd_room_tests
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:maxsimd_settings>)
  foreach(room ${ROOM_ROOMS})
    target_link_libraries(${target} PUBLIC maxsimd_${room})
  endforeach()
  # nlohmann-json may be used in any .cpp and appears in no installed header but base/json.h (as a
  # forward declaration).
  target_link_libraries(${target} PRIVATE
    $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> ${ROOM_PRIVATE_LIBS})
  if(NOT ROOM_NOT_INSTALLED)
    set_property(GLOBAL APPEND PROPERTY MAXSIMD_ROOMS ${target})
  endif()
endfunction()

# What a test calls was compiled with its room, by the room's options. A test's own code is mostly
# gtest's macros, not worth -O3 or, in a sanitized build, a third of the time for checks of undefined
# behaviour (docs/decisions/028).
add_library(maxsimd_test_settings INTERFACE)
target_link_libraries(maxsimd_test_settings INTERFACE maxsimd_settings)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(maxsimd_test_settings INTERFACE -O1)
endif()
# gcc 12 inlines half of std::string at -O1, and where headers are precompiled sees it write out of bounds
# (GCC bugs 105329 and 105651). The rooms keep these warnings.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(maxsimd_test_settings INTERFACE -Wno-array-bounds -Wno-restrict
    -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(MAXSIMD_SANITIZE MATCHES "undefined")
  target_compile_options(maxsimd_test_settings INTERFACE -fno-sanitize=undefined)
  target_compile_definitions(maxsimd_test_settings INTERFACE MAXSIMD_ADDRESS_SANITIZER)
elseif(MAXSIMD_SANITIZE STREQUAL "thread")
  target_compile_definitions(maxsimd_test_settings INTERFACE MAXSIMD_THREAD_SANITIZER)
endif()

# maxsimd_room_tests(NAME SOURCES ... [LIBS ...] [LABEL unit] [TIMEOUT 600] [ENVIRONMENT ...] [THREADED]):
# the unit tests of a room, one executable; seconds a test. THREADED: tests in which several threads
# work; under the thread sanitizer no others are built.
function(maxsimd_room_tests name)
  cmake_parse_arguments(T "THREADED" "LABEL;TIMEOUT;ENVIRONMENT" "SOURCES;LIBS" ${ARGN})
  if(NOT MAXSIMD_BUILD_TESTS OR (MAXSIMD_SANITIZE STREQUAL "thread" AND NOT T_THREADED))
    return()
  endif()
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 600)
  endif()
  add_executable(${name}_tests ${T_SOURCES})
  target_link_libraries(${name}_tests PRIVATE
    maxsimd_test_settings ${T_LIBS} nlohmann_json::nlohmann_json GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name}_tests PRIVATE
    MAXSIMD_SOURCE_DIR="${PROJECT_SOURCE_DIR}" MAXSIMD_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${name}_tests
    DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/" PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT} ENVIRONMENT "${T_ENVIRONMENT}")
endfunction()
