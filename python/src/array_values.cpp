#include "python/src/array_values.h"

#include <nanobind/stl/string.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "maxsimd/base/half.h"
#include "python/src/interrupts.h"

namespace maxsimd::python {

namespace nb = nanobind;

namespace {

bool is_text(nb::handle value) {
  return nb::isinstance<nb::str>(value) || nb::isinstance<nb::bytes>(value);
}

bool is_of_objects(nb::handle value) {
  return nb::hasattr(value, "dtype") && nb::hasattr(value.attr("dtype"), "kind") &&
         nb::cast<std::string>(nb::str(value.attr("dtype").attr("kind"))) == "O";
}

/// Whether NumPy makes an array of them, of whatever they are: lists of one length.
bool have_a_shape(nb::handle values) {
  try {
    nb::module_::import_("numpy").attr("asarray")(values);
    return true;
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_ValueError)) throw;
    return false;
  }
}

nb::object numpy_array(nb::handle values, const char* what) {
  try {
    return nb::module_::import_("numpy").attr("asarray")(values, "float32");
  } catch (nb::python_error& error) {
    const bool is_value = error.matches(PyExc_ValueError);
    if (!is_value && !error.matches(PyExc_TypeError)) throw;
    const std::string message = std::string(what) + ": expected arrays of numbers: " +
                                nb::cast<std::string>(nb::str(error.value()));
    if (is_value && !have_a_shape(values)) throw std::invalid_argument(message);
    refuse_kind(message);
  }
}

template <class T>
struct Plain {
  using Stored = T;
  static float value(T stored) { return static_cast<float>(stored); }
};
struct Half {
  using Stored = uint16_t;
  static float value(uint16_t stored) { return f16_to_float(stored); }
};
struct BrainFloat {
  using Stored = uint16_t;
  static float value(uint16_t stored) { return bf16_to_float(stored); }
};

/// Calls f with the number type that the array holds.
template <class F>
void with_type(const Array& array, const char* what, const F& f) {
  using Code = nb::dlpack::dtype_code;
  const auto code = static_cast<Code>(array.dtype().code);
  const unsigned bits = array.dtype().bits;
  if (code == Code::Float && bits == 32) return f(Plain<float>());
  if (code == Code::Float && bits == 64) return f(Plain<double>());
  if (code == Code::Float && bits == 16) return f(Half());
  if (code == Code::Bfloat && bits == 16) return f(BrainFloat());
  if (code == Code::Int && bits == 64) return f(Plain<int64_t>());
  if (code == Code::Int && bits == 32) return f(Plain<int32_t>());
  if (code == Code::Int && bits == 16) return f(Plain<int16_t>());
  if (code == Code::Int && bits == 8) return f(Plain<int8_t>());
  if ((code == Code::UInt || code == Code::Bool) && bits == 8) return f(Plain<uint8_t>());
  if (code == Code::UInt && bits == 16) return f(Plain<uint16_t>());
  if (code == Code::UInt && bits == 32) return f(Plain<uint32_t>());
  if (code == Code::UInt && bits == 64) return f(Plain<uint64_t>());
  const bool is_complex = code == Code::Complex;
  refuse_kind(std::string(what) + ": expected arrays of floating-point numbers or integers, got " +
              (is_complex ? "complex numbers" : "another number type") + " of " +
              std::to_string(bits) + " bits");
}

/// Refuses what is finite, and has no float32.
template <class T>
void check_range(const char* what, T given, float value) {
  if (!std::isinf(value) || std::isinf(static_cast<double>(given))) return;
  std::ostringstream message;
  message << what << ": value " << given << ": expected values of magnitude at most "
          << std::numeric_limits<float>::max();
  throw std::invalid_argument(message.str());
}

}  // namespace

void refuse_kind(const std::string& message) {
  throw nb::type_error(message.c_str());
}

bool is_number(nb::handle value) {
  return nb::isinstance<nb::float_>(value) || nb::isinstance<nb::int_>(value);
}

bool may_be_numbers(nb::handle value) {
  return !is_text(value) && (nb::isinstance<nb::iterable>(value) || is_number(value));
}

bool is_array(nb::handle value) {
  return !is_text(value) && nb::ndarray_check(value) && !is_of_objects(value);
}

nb::object numpy_rows(nb::handle values, const char* what) {
  if (!nb::isinstance<nb::list>(values) && !nb::isinstance<nb::tuple>(values)) {
    return numpy_array(values, what);
  }
  nb::list rows;
  for (nb::handle row : nb::borrow<nb::iterable>(values)) {
    check_signals();
    rows.append(is_number(row) ? nb::borrow(row) : numpy_array(row, what));
  }
  return numpy_array(rows, what);
}

Array load_array(nb::handle value, const char* what) {
  nb::object plain = nb::borrow(value);
  if (nb::hasattr(plain, "detach")) {
    plain = plain.attr("detach")();
    if (nb::hasattr(plain, "cpu")) plain = plain.attr("cpu")();
  }
  Array array;
  if (nb::try_cast(plain, array, false)) return array;
  return nb::cast<Array>(numpy_array(plain, what));
}

void copy_values(const Array& array, size_t outer, const char* what, float* out) {
  const size_t dims = array.ndim();
  const int64_t start = dims == 3 ? static_cast<int64_t>(outer) * array.stride(0) : int64_t{0};
  const size_t rows = dims >= 2 ? array.shape(dims - 2) : 1;
  const size_t cols = array.shape(dims - 1);
  const int64_t row_step = dims >= 2 ? array.stride(dims - 2) : 0;
  const int64_t col_step = array.stride(dims - 1);
  with_type(array, what, [&](auto type) {
    using Type = decltype(type);
    const auto* first = static_cast<const typename Type::Stored*>(array.data()) + start;
    for (size_t r = 0; r < rows; ++r, first += row_step) {
      const auto* value = first;
      for (size_t c = 0; c < cols; ++c, value += col_step) {
        *out = Type::value(*value);
        if constexpr (sizeof(*value) == sizeof(double)) check_range(what, *value, *out);
        ++out;
      }
    }
  });
}

}  // namespace maxsimd::python
