// Numbers as Python writes them, for files and cards that read as PyLate's.
#pragma once

#include <string>

namespace maxsimd {

/// repr(float), which is str(float): the shortest digits that give the number back; "3e-06", "0.1",
/// "1.0", "nan".
std::string python_float(double value);

}  // namespace maxsimd
