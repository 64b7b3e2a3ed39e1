#include "maxsimd/base/printable.h"

#include <gtest/gtest.h>

namespace maxsimd {
namespace {

TEST(Printable, WhatATerminalObeysIsWrittenOut) {
  EXPECT_EQ(printable("a\x1b[2Jb\rc\x7f"), "a\\x1b[2Jb\\x0dc\\x7f");
  EXPECT_EQ(printable("\xC2\x9B[2J"), "\\x9b[2J");  // CSI as one character
  EXPECT_EQ(printable(std::string_view("\0x", 2)), "\\x00x");
}

TEST(Printable, BytesThatAreNoUtf8AreWrittenOut) {
  EXPECT_EQ(printable("a\x9b[2J\xff"), "a\\x9b[2J\\xff");
  EXPECT_EQ(printable("\xE2\x82"), "\\xe2\\x82");  // cut short
}

TEST(Printable, TextStaysAsItIs) {
  const std::string text = "caf\u00E9 \u65E5\u672C \U0001F989\tline\nnext \u00A0";
  EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace maxsimd
