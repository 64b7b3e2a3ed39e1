# Toolchain: builds for 64-bit ARM on another machine and runs the tests under qemu-user. The
# compiler and its C library are Debian's g++-aarch64-linux-gnu; other libraries for arm64 lie in
# MAXSIMD_SYSROOT, where scripts/aarch64.sh unpacks them.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

get_filename_component(root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(MAXSIMD_SYSROOT ${root}/build/aarch64-sysroot
  CACHE PATH "Where libraries for arm64 are unpacked")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MAXSIMD_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${MAXSIMD_SYSROOT} /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# The processor that qemu plays is chosen when the tests run: QEMU_CPU, by default all it knows.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
