#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

std::vector<char32_t> decode_all(std::string_view text) {
  std::vector<char32_t> out;
  for (size_t i = 0; i < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, i);
    out.push_back(decoded.code_point);
    i += decoded.length;
  }
  return out;
}

TEST(Utf8, EveryScalarValueRoundTrips) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const Utf8Decoded decoded = decode_utf8(text, 0);
    ASSERT_TRUE(decoded.valid);
    ASSERT_EQ(decoded.code_point, c);
    ASSERT_EQ(decoded.length, text.size());
  }
}

// The examples of Unicode 15 table 3-8 to 3-11, equal to Python's decode("utf-8", "replace").
TEST(Utf8, IllFormedSubpartsBecomeOneReplacementEach) {
  const char32_t r = kReplacementCharacter;
  EXPECT_EQ(decode_all("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                       "A"),
            (std::vector<char32_t>{r, r, r, r, r, r, r, r, 'A'}));
  EXPECT_EQ(decode_all("\xED\xA0\x80"
                       "A"),
            (std::vector<char32_t>{r, r, r, 'A'}));
  EXPECT_EQ(decode_all("\xF4\x91\x92\x93\xFF"
                       "A\x80\xBF"
                       "B"),
            (std::vector<char32_t>{r, r, r, r, r, 'A', r, r, 'B'}));
  EXPECT_EQ(decode_all("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                       "A"),
            (std::vector<char32_t>{r, r, r, r, 'A'}));
  EXPECT_EQ(decode_all("a\xE2\x82"), (std::vector<char32_t>{'a', r}));
}

TEST(Utf8, FirstInvalidByteIsFound) {
  EXPECT_EQ(find_invalid_utf8("caf\xC3\xA9"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("caf\xE9"), 3U);
}

TEST(Utf8, SurrogatesAreNotEncoded) {
  std::string text;
  append_utf8(text, 0xD800);
  EXPECT_EQ(text, "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace maxsimd
