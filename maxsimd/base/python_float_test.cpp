#include "maxsimd/base/python_float.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace maxsimd {
namespace {

// What CPython 3.11 prints. card/python_text_test.cpp has hundreds more.
TEST(PythonFloat, ShortestDigitsInPythonsForm) {
  const std::vector<std::pair<double, std::string>> expected = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {0.0001, "0.0001"},
      {1.234e-05, "1.234e-05"},
      {1e-05, "1e-05"},
      {5e-324, "5e-324"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {9007199254740992.0, "9007199254740992.0"},
      {1.2345678901234568e+17, "1.2345678901234568e+17"},
      {1.7976931348623157e+308, "1.7976931348623157e+308"},
      {-2.5e-07, "-2.5e-07"},
      {100.0, "100.0"},
      {12.75, "12.75"},
      {std::nan(""), "nan"},
      {-std::numeric_limits<double>::infinity(), "-inf"}};
  for (const auto& [value, text] : expected) EXPECT_EQ(python_float(value), text);
}

}  // namespace
}  // namespace maxsimd
