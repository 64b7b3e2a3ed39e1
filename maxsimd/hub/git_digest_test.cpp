#include "maxsimd/hub/git_digest.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "maxsimd/base/sha256.h"

namespace maxsimd {
namespace {

std::string digest_of(std::string_view text) {
  return git_blob_digest(std::as_bytes(std::span(text)));
}

std::string bytes_of(size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * 7));
  return text;
}

// `git hash-object`, and Python's hashlib: sha1(b"blob %d\0" % len(s) + s).
TEST(GitDigest, IsWhatGitSays) {
  EXPECT_EQ(digest_of(""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(digest_of("hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
  EXPECT_EQ(digest_of(bytes_of(40)), "cc7dd0cae3b7c3000b1d8f0b14dcde421af111f5");
  EXPECT_EQ(digest_of(bytes_of(1000)), "52aa7abab5423764069a5122f70cfe74d2383c03");
}

// Every place where the padding may fall: one hash over the digests of 0 to 199 bytes.
TEST(GitDigest, PadsAtEveryBlockBoundary) {
  Sha256 all;
  for (size_t size = 0; size < 200; ++size) all.update(digest_of(bytes_of(size)));
  EXPECT_EQ(to_hex(all.finish()),
            "fd45c32e3e8a41fdc971b9b9d43553584e69225b63ede4789c1d291bd2b9a4c7");
}

}  // namespace
}  // namespace maxsimd
