# LibTorch, out of PyPI's wheel (scripts/install_deps.sh train): an imported target maxsimd_torch, or
# nothing when it is not there. find_package(Torch) of the wheel asks for CUDA's compiler; this does
# not. -DMAXSIMD_TORCH=SITE_PACKAGES/torch names another place.
set(MAXSIMD_TORCH_VERSION 2.13.0)
find_path(MAXSIMD_TORCH NAMES lib/libtorch_cpu.so NO_DEFAULT_PATH
  PATHS $ENV{XDG_CACHE_HOME}/maxsimd/torch-${MAXSIMD_TORCH_VERSION}/torch
    $ENV{HOME}/.cache/maxsimd/torch-${MAXSIMD_TORCH_VERSION}/torch
  DOC "The folder 'torch' of PyTorch's wheel; empty: maxsimd-train is not built")
if(NOT MAXSIMD_TORCH)
  message(STATUS "LibTorch not found: maxsimd-train is not built (scripts/install_deps.sh train)")
  return()
endif()
# LibTorch has gloo inside, but not its headers; Debian's serve, without its library.
find_path(MAXSIMD_GLOO NAMES gloo/context.h DOC "The folder that holds gloo's headers")
if(NOT MAXSIMD_GLOO)
  message(STATUS "gloo's headers not found: maxsimd-train is not built (scripts/install_deps.sh train)")
  return()
endif()

add_library(maxsimd_torch SHARED IMPORTED GLOBAL)
set_target_properties(maxsimd_torch PROPERTIES IMPORTED_LOCATION ${MAXSIMD_TORCH}/lib/libtorch_cpu.so)
target_include_directories(maxsimd_torch SYSTEM INTERFACE
  ${MAXSIMD_TORCH}/include ${MAXSIMD_TORCH}/include/torch/csrc/api/include ${MAXSIMD_GLOO})
target_link_libraries(maxsimd_torch INTERFACE ${MAXSIMD_TORCH}/lib/libc10.so)
# libtorch_cpu.so itself needs libraries of CUDA and gloo that the linker cannot see from here.
target_link_options(maxsimd_torch INTERFACE -Wl,--unresolved-symbols=ignore-in-shared-libs)
# at::parallel_for is a template: without OpenMP at the place of its call it runs on one thread. The
# runtime is the one that LibTorch brings along.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(maxsimd_torch INTERFACE -fopenmp)
  target_link_libraries(maxsimd_torch INTERFACE ${MAXSIMD_TORCH}/lib/libgomp.so.1)
endif()
target_compile_definitions(maxsimd_torch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO)
