#include <gtest/gtest.h>

#include <string>

#include "maxsimd/base/strip.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

// Python 3.11: [c for c in range(0x110000) if chr(c).isspace()]
constexpr char32_t kPythonSpaces[] = {
    0x9,    0xA,    0xB,    0xC,    0xD,    0x1C,   0x1D,   0x1E,   0x1F,   0x20,
    0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
    0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};

TEST(Strip, RemovesExactlyPythonsWhiteSpace) {
  size_t next = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const bool space = next < std::size(kPythonSpaces) && c == kPythonSpaces[next];
    if (space) ++next;
    ASSERT_EQ(strip_whitespace(text + "x" + text).size(), space ? 1 : 2 * text.size() + 1)
        << static_cast<uint32_t>(c);
  }
  EXPECT_EQ(next, std::size(kPythonSpaces));
}

TEST(Strip, InnerSpaceStaysAndEmptyIsFine) {
  EXPECT_EQ(strip_whitespace(" \t a b\n"), "a b");
  EXPECT_EQ(strip_whitespace(""), "");
  EXPECT_EQ(strip_whitespace(" \xC2\xA0 "), "");
}

TEST(Strip, IllFormedBytesAreKept) {
  EXPECT_EQ(strip_whitespace(" \xA0 "), "\xA0");
  EXPECT_EQ(strip_whitespace("\x85"), "\x85");
}

}  // namespace
}  // namespace maxsimd
