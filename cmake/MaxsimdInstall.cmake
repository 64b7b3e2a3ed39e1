# cmake --install: the libraries, the headers, the program with its model, and the package that
# find_package(maxsimd) reads. maxsimd::maxsimd is all rooms; nothing of the tests is installed.
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY MAXSIMD_ROOMS)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/maxsimd)

install(TARGETS maxsimd ${rooms} EXPORT maxsimd-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/maxsimd/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/maxsimd
  FILES_MATCHING PATTERN "*.h"
  PATTERN "*_testing.h" EXCLUDE PATTERN "test_*.h" EXCLUDE PATTERN testdata EXCLUDE)
install(EXPORT maxsimd-targets NAMESPACE maxsimd:: DESTINATION ${package_folder})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/maxsimd-config.cmake.in ${PROJECT_BINARY_DIR}/maxsimd-config.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/maxsimd-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/maxsimd-config.cmake ${PROJECT_BINARY_DIR}/maxsimd-config-version.cmake
  DESTINATION ${package_folder})

if(TARGET maxsimd_cli)
  install(TARGETS maxsimd_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/maxsimd)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/data
  DESTINATION ${CMAKE_INSTALL_DATADIR}/maxsimd/examples)
install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
