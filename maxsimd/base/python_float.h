// A number as Python prints a float, which is what files that stand for PyLate's hold.
#pragma once

#include <string>

namespace maxsimd {

/// repr(float): the fewest digits that read back: "0.5", "1.0", "1e-05", "nan".
std::string python_float(double value);

}  // namespace maxsimd
