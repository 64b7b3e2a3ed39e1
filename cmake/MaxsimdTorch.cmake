# LibTorch, out of PyPI's wheel (scripts/install_deps.sh train, or train-cuda for GPUs): an imported
# target maxsimd_torch, or nothing when it is not there. find_package(Torch) of the wheel asks for
# CUDA's compiler; this does not. -DMAXSIMD_TORCH=SITE_PACKAGES/torch names another place, as that of
# an environment in which PyTorch was installed by pip.
set(MAXSIMD_TORCH_VERSION 2.13.0)
set(torch_folders)
foreach(cache $ENV{XDG_CACHE_HOME} $ENV{HOME}/.cache)
  list(APPEND torch_folders ${cache}/maxsimd/torch-${MAXSIMD_TORCH_VERSION}-cuda/torch
    ${cache}/maxsimd/torch-${MAXSIMD_TORCH_VERSION}/torch)
endforeach()
find_path(MAXSIMD_TORCH NAMES lib/libtorch_cpu.so NO_DEFAULT_PATH PATHS ${torch_folders}
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
# Without NDEBUG its headers give some classes members that LibTorch's, which was built with it, lack.
target_compile_definitions(maxsimd_torch INTERFACE $<$<NOT:$<CONFIG:Release,MinSizeRel>>:NDEBUG>)

option(MAXSIMD_TORCH_PCH "Precompile LibTorch's headers: builds of the training room in half the time" OFF)

# With the wheel's CUDA libraries. Nothing refers to them by name: they register their kernels when
# they are loaded, so that they must be linked all the same. LibTorch finds NVIDIA's own beside
# itself, in the folder nvidia of site-packages.
option(MAXSIMD_TRAIN_CUDA "Train on GPUs where LibTorch's CUDA libraries are found" ON)
find_library(MAXSIMD_TORCH_CUDA NAMES torch_cuda PATHS ${MAXSIMD_TORCH}/lib NO_DEFAULT_PATH)
set(MAXSIMD_TORCH_NCCL OFF)
if(NOT MAXSIMD_TRAIN_CUDA OR NOT MAXSIMD_TORCH_CUDA)
  message(STATUS "maxsimd-train: for CPUs")
  return()
endif()
target_link_libraries(maxsimd_torch INTERFACE -Wl,--no-as-needed ${MAXSIMD_TORCH_CUDA}
  ${MAXSIMD_TORCH}/lib/libc10_cuda.so -Wl,--as-needed)
# c10d's NCCL is declared in terms of CUDA's headers and NCCL's, which NVIDIA's wheels have.
get_filename_component(nvidia ${MAXSIMD_TORCH}/../nvidia ABSOLUTE)
find_path(MAXSIMD_CUDA_INCLUDE NAMES cusolverDn.h PATHS ${nvidia}/cu13/include
  /usr/local/cuda/include NO_DEFAULT_PATH DOC "The folder that holds CUDA's headers")
find_path(MAXSIMD_NCCL_INCLUDE NAMES nccl.h PATHS ${nvidia}/nccl/include
  DOC "The folder that holds NCCL's header")
if(MAXSIMD_CUDA_INCLUDE AND MAXSIMD_NCCL_INCLUDE)
  set(MAXSIMD_TORCH_NCCL ON)
  message(STATUS "maxsimd-train: for CUDA GPUs, with NCCL")
else()
  message(STATUS "maxsimd-train: for CUDA GPUs, without NCCL: headers of CUDA or NCCL not found")
endif()
