#include "maxsimd/base/python_float.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace maxsimd {
namespace {

constexpr size_t kLongestDouble = 32;  // sign, 17 digits, a point, e-308

// Digits without a point, and where the point goes: 0.00123 is "123" and -2.
struct Decimal {
  std::string digits;
  int point = 0;
};

Decimal shortest_decimal(double magnitude) {
  std::array<char, kLongestDouble> buffer;
  const auto done = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude,
                                  std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<size_t>(done.ptr - buffer.data()));
  const size_t mark = text.find('e');
  Decimal decimal;
  for (const char c : text.substr(0, mark)) {
    if (c != '.') decimal.digits.push_back(c);
  }
  decimal.point = std::stoi(std::string(text.substr(mark + 1))) + 1;
  return decimal;
}

std::string in_fixed_form(const Decimal& decimal) {
  const int num_digits = static_cast<int>(decimal.digits.size());
  const int first = std::min(decimal.point - 1, 0);          // a digit before the point
  const int last = std::max(num_digits - 1, decimal.point);  // and one after it
  std::string text;
  for (int place = first; place <= last; ++place) {
    if (place == decimal.point) text.push_back('.');
    const bool is_given = place >= 0 && place < num_digits;
    text.push_back(is_given ? decimal.digits[static_cast<size_t>(place)] : '0');
  }
  return text;
}

std::string in_exponent_form(const Decimal& decimal) {
  std::string text = decimal.digits.substr(0, 1);
  if (decimal.digits.size() > 1) text.append(".").append(decimal.digits.substr(1));
  const int exponent = decimal.point - 1;
  const std::string number = std::to_string(std::abs(exponent));
  text.append(exponent < 0 ? "e-" : "e+");
  return text.append(number.size() < 2 ? "0" : "").append(number);
}

}  // namespace

std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "inf";
  if (value == 0.0) return sign + "0.0";
  const Decimal decimal = shortest_decimal(std::fabs(value));
  constexpr int kFirstExponent = -4, kLastExponent = 16;  // float_repr_style 'short'
  const bool fixed = decimal.point > kFirstExponent && decimal.point <= kLastExponent;
  return sign + (fixed ? in_fixed_form(decimal) : in_exponent_form(decimal));
}

}  // namespace maxsimd
