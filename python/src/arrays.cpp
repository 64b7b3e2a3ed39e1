#include "python/src/arrays.h"

#include <nanobind/stl/string.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "maxsimd/base/half.h"

namespace maxsimd::python {

namespace nb = nanobind;

namespace {

using Array = nb::ndarray<nb::ro, nb::device::cpu>;

std::string shape_text(const Array& array) {
  std::string text = "[";
  for (size_t i = 0; i < array.ndim(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(array.shape(i));
  }
  return text + "]";
}

nb::object numpy_array(nb::handle values, const char* what) {
  try {
    return nb::module_::import_("numpy").attr("asarray")(values, "float32");
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_ValueError) && !error.matches(PyExc_TypeError)) throw;
    throw std::invalid_argument(std::string(what) + ": expected arrays of numbers: " +
                                nb::cast<std::string>(nb::str(error.value())));
  }
}

bool is_number(nb::handle value) {
  return nb::isinstance<nb::float_>(value) || nb::isinstance<nb::int_>(value);
}

bool is_text(nb::handle value) {
  return nb::isinstance<nb::str>(value) || nb::isinstance<nb::bytes>(value);
}

bool is_array(nb::handle value) {
  return !is_text(value) && nb::ndarray_check(value);
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

bool is_of_objects(nb::handle value) {
  return nb::hasattr(value, "dtype") && nb::hasattr(value.attr("dtype"), "kind") &&
         nb::cast<std::string>(nb::str(value.attr("dtype").attr("kind"))) == "O";
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
  throw std::invalid_argument(std::string(what) +
                              ": expected arrays of floating-point numbers or integers, got " +
                              (is_complex ? "complex numbers" : "another number type") + " of " +
                              std::to_string(bits) + " bits");
}

/// Copies the values of the last `dims` dimensions, at an index of the one before them if there is
/// one, in row-major order.
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
      for (size_t c = 0; c < cols; ++c, value += col_step) *out++ = Type::value(*value);
    }
  });
}

/// Items as they are found, before their values are copied.
class Items {
 public:
  explicit Items(const char* what) : what_(what) {}

  void add_batch(nb::handle values) {
    if (is_array(values) && !is_of_objects(values)) {
      add_array(load_array(values, what_), true);
      return;
    }
    if (is_text(values)) fail("got text");
    if (!nb::isinstance<nb::iterable>(values)) {
      fail("got " + nb::cast<std::string>(nb::repr(values.type())));
    }
    bool is_of_rows = false;
    for (nb::handle item : nb::borrow<nb::iterable>(values)) {
      const bool is_one = is_array(item) && !is_of_objects(item);
      Array array = is_one ? load_array(item, what_) : nb::cast<Array>(numpy_array(item, what_));
      if (array.ndim() == 1 && array.shape(0) != 0) {
        is_of_rows = true;
        break;
      }
      add_array(std::move(array), false);
    }
    if (is_of_rows) add_array(nb::cast<Array>(numpy_array(values, what_)), true);
  }

  size_t size() const { return items_.size(); }

  Embeddings copy() const {
    Embeddings result;
    for (size_t i = 0; i < items_.size(); ++i) {
      const Array& array = arrays_[items_[i].array];
      const size_t cols = array.shape(array.ndim() - 1);
      if (i == 0) result.dim = cols;
      if (cols != result.dim) {
        fail("item " + std::to_string(i) + " has vectors of dim " + std::to_string(cols) +
             ", item 0 of dim " + std::to_string(result.dim));
      }
      result.offsets.push_back(result.offsets.back() + array.shape(array.ndim() - 2));
    }
    result.values.resize(result.num_tokens() * result.dim);
    const nb::gil_scoped_release released;
    for (size_t i = 0; i < items_.size(); ++i) {
      copy_values(arrays_[items_[i].array], items_[i].outer, what_,
                  result.values.data() + static_cast<size_t>(result.offsets[i]) * result.dim);
    }
    return result;
  }

 private:
  struct Item {
    size_t array, outer;
  };

  [[noreturn]] void fail(const std::string& problem) const {
    throw std::invalid_argument(std::string(what_) + ": expected arrays [tokens, dim]; " + problem);
  }

  void add_array(Array array, bool is_batch) {
    const bool is_stack = array.ndim() == 3 && (is_batch || array.shape(0) == 1);
    if (array.ndim() != 2 && !is_stack) {
      fail("item " + std::to_string(items_.size()) + " has the shape " + shape_text(array));
    }
    const size_t count = is_stack ? array.shape(0) : 1;
    for (size_t i = 0; i < count; ++i) items_.push_back({arrays_.size(), i});
    arrays_.push_back(std::move(array));
  }

  const char* what_;
  std::vector<Array> arrays_;
  std::vector<Item> items_;
};

struct RecursiveCall {
  RecursiveCall() {
    if (Py_EnterRecursiveCall(" in nested lists of numbers") != 0) throw nb::python_error();
  }
  ~RecursiveCall() { Py_LeaveRecursiveCall(); }
};

void append_values(nb::handle values, const char* what, std::vector<float>& out) {
  if (is_text(values) || (!nb::isinstance<nb::iterable>(values) && !is_number(values))) {
    const std::string found = nb::cast<std::string>(nb::repr(values)).substr(0, 50);
    throw nb::type_error((std::string(what) + ": expected numbers, got " + found).c_str());
  }
  if (is_array(values)) {
    Array array = nb::cast<Array>(numpy_array(values, what).attr("reshape")(-1));
    out.resize(out.size() + array.size());
    copy_values(array, 0, what, out.data() + out.size() - array.size());
    return;
  }
  if (is_number(values)) {
    out.push_back(nb::cast<float>(values));
    return;
  }
  const RecursiveCall guard;  // a list may hold itself
  for (nb::handle value : nb::borrow<nb::iterable>(values)) append_values(value, what, out);
}

}  // namespace

Embeddings to_embeddings(nb::handle values, const char* what) {
  Items items(what);
  items.add_batch(values);
  return items.copy();
}

EmbeddingGroups to_embedding_groups(nb::handle values, const char* what) {
  Items items(what);
  EmbeddingGroups result;
  for (nb::handle batch : nb::borrow<nb::iterable>(values)) {
    const size_t before = items.size();
    items.add_batch(batch);
    result.groups.push_back(items.size() - before);
  }
  result.items = items.copy();
  return result;
}

void apply_mask(nb::handle mask, Embeddings& embeddings, const char* what) {
  std::vector<float> factors;
  append_values(mask, what, factors);
  if (factors.size() != embeddings.num_tokens()) {
    throw std::invalid_argument(std::string(what) + ": expected one value for each of " +
                                std::to_string(embeddings.num_tokens()) + " token vectors, got " +
                                std::to_string(factors.size()));
  }
  for (size_t row = 0; row < factors.size(); ++row) {
    float* values = embeddings.values.data() + row * embeddings.dim;
    for (size_t d = 0; d < embeddings.dim; ++d) values[d] *= factors[row];
  }
}

Embeddings slice(const Embeddings& all, size_t begin, size_t end) {
  Embeddings part{.dim = all.dim};
  for (size_t i = begin; i < end; ++i) part.append(all.matrix(i));
  return part;
}

bool is_single(nb::handle values) {
  return is_array(values) && !is_of_objects(values) && nb::hasattr(values, "ndim") &&
         nb::cast<int>(values.attr("ndim")) == 2;
}

}  // namespace maxsimd::python
