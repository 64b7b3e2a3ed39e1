#!/usr/bin/env bash
# Builds what the library needs, static, from Debian's copies of the sources, into a folder for
# CMAKE_PREFIX_PATH: for wheels, whose build images (manylinux) have older versions or none.
#
#   scripts/wheel_dependencies.sh FOLDER
set -euo pipefail
prefix=$(realpath -m "${1:?"scripts/wheel_dependencies.sh FOLDER"}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=${DEBIAN_MIRROR:-https://deb.debian.org/debian}
jobs=$(nproc)

# SQLite's sources are put together by a Tcl script.
command -v tclsh > /dev/null || yum install --quiet --assumeyes tcl

# source NAME FILE SHA256: unpacks a file of the mirror's pool into $work/NAME.
source_of() {
  local name=$1 file=$2 digest=$3
  curl --fail --silent --show-error --location --retry 3 --output "$work/$name.tar" \
    "$mirror/pool/main/${file:0:1}/${file%%_*}/$file"
  echo "$digest  $work/$name.tar" | sha256sum --check --quiet
  mkdir "$work/$name"
  tar --extract --file "$work/$name.tar" --directory "$work/$name" --strip-components 1
}

# built NAME OPTION...: by cmake, static and fit for a shared library.
built() {
  local name=$1
  shift
  cmake -S "$work/$name" -B "$work/$name-build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DBUILD_TESTING=OFF "$@" > "$work/$name.log"
  cmake --build "$work/$name-build" --parallel "$jobs" >> "$work/$name.log"
  cmake --install "$work/$name-build" >> "$work/$name.log"
}

source_of json nlohmann-json3_3.11.2.orig.tar.gz d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273
built json -DJSON_BuildTests=OFF
source_of cli11 cli11_2.1.2+ds.orig.tar.xz 8143d20b688e98ccce8e24562d3b68e5f47c12e896c42c7ca8553dbde5bed55d
built cli11 -DCLI11_BUILD_TESTS=OFF -DCLI11_BUILD_EXAMPLES=OFF -DCLI11_BUILD_DOCS=OFF
source_of yaml yaml-cpp_0.7.0+dfsg.orig.tar.xz dc63708605404e0b963e0ca3a9619d1c8270eda2839603e6fa0384e5e51e5312
built yaml -DYAML_CPP_BUILD_TESTS=OFF -DYAML_CPP_BUILD_TOOLS=OFF -DYAML_BUILD_SHARED_LIBS=OFF
source_of pcre2 pcre2_10.42.orig.tar.gz c33b418e3b936ee3153de2c61cc638e7e4fe3156022a5c77d0711bcbb9d64f1f
built pcre2 -DPCRE2_SUPPORT_JIT=ON -DPCRE2_BUILD_TESTS=OFF -DPCRE2_BUILD_PCRE2GREP=OFF
source_of zlib zlib_1.2.13.dfsg.orig.tar.bz2 71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1
(cd "$work/zlib" && CFLAGS="-O3 -fPIC" bash ./configure --static --prefix="$prefix" &&
  make --jobs="$jobs" libz.a && install -D --mode=644 -t "$prefix/lib" libz.a &&
  install -D --mode=644 -t "$prefix/include" zlib.h zconf.h) > "$work/zlib.log"
source_of sqlite sqlite3_3.40.1.orig.tar.xz aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655
# Its own makefile leaves the archive empty where shared libraries are disabled.
(cd "$work/sqlite" && bash ./configure --disable-shared --disable-tcl --disable-readline &&
  make sqlite3.c sqlite3.h &&
  ${CC:-cc} -O2 -fPIC -DHAVE_USLEEP=1 -DSQLITE_OMIT_LOAD_EXTENSION -c sqlite3.c &&
  mkdir -p "$prefix/lib" && ar rcs "$prefix/lib/libsqlite3.a" sqlite3.o &&
  install -D --mode=644 -t "$prefix/include" sqlite3.h) > "$work/sqlite.log" 2>&1
# Of these the headers are all that is needed: xxHash is inlined, libcurl is loaded at run time.
source_of xxhash xxhash_0.8.1.orig.tar.gz 3bb6b7d6f30c591dd65aaaff1c8b7a5b94d81687998ca9400082c739a690436c
install -D --mode=644 -t "$prefix/include" "$work/xxhash"/xxhash.h
source_of curl curl_7.88.1.orig.tar.gz cdb38b72e36bc5d33d5b8810f8018ece1baa29a8f215b4495e495ded82bbf3c7
install -D --mode=644 -t "$prefix/include/curl" "$work/curl"/include/curl/*.h
# A link of a shared library does not miss what an archive lacks; importing it does.
for symbol in libsqlite3.a:sqlite3_open_v2 libz.a:inflate libpcre2-8.a:pcre2_match_8; do
  nm "$prefix/lib/${symbol%%:*}" 2> /dev/null | grep --quiet " T ${symbol##*:}$" ||
    { echo "$prefix/lib/${symbol%%:*}: has no ${symbol##*:}" >&2; exit 1; }
done
