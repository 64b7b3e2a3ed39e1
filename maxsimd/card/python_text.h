// Values as Python prints them, for a card that reads as PyLate's. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "maxsimd/base/python_float.h"

namespace maxsimd {

/// round(value, digits): the exact value rounded to that many decimals, ties to even.
double python_round(double value, int digits);

/// f"{value:.{digits}f}".
std::string python_fixed(double value, int digits);

/// A number in a table, as transformers' make_markdown_table prints it: str(), but four decimals
/// when str() has more.
std::string table_number(double value);

/// repr(str): quotes, backslash and what Python does not call printable are escaped. Ill-formed
/// bytes become U+FFFD.
std::string python_repr(std::string_view text);

/// f"{value:,}": 1893947 -> "1,893,947".
std::string with_thousands(uint64_t value);

/// len(str): code points.
size_t num_code_points(std::string_view text);

/// text[:count] in code points.
std::string_view first_code_points(std::string_view text, size_t count);

/// str.title(): a letter after anything that is no letter becomes a capital, the others small
/// (ASCII).
std::string python_title(std::string_view text);

/// textwrap.indent(text, "  "): before each line of str.splitlines() that is not only white space.
std::string python_indent(std::string_view text);

}  // namespace maxsimd
