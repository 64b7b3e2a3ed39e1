#include "python/src/arrays.h"

#include <nanobind/stl/string.h>

#include <stdexcept>
#include <string>

#include "python/src/array_values.h"
#include "python/src/interrupts.h"
#include "python/src/shown.h"

namespace maxsimd::python {

namespace nb = nanobind;

namespace {

std::string shape_text(const Array& array) {
  std::string text = "[";
  for (size_t i = 0; i < array.ndim(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(array.shape(i));
  }
  return text + "]";
}

/// Items as they are found, before their values are copied.
class Items {
 public:
  explicit Items(const char* what) : what_(what) {}

  void add_batch(nb::handle values) {
    if (is_array(values)) {
      add_array(load_array(values, what_), true);
      return;
    }
    if (!may_be_numbers(values) || is_number(values)) refuse(values, "got ");
    bool is_of_rows = false;
    for (nb::handle item : nb::borrow<nb::iterable>(values)) {
      check_signals();
      const bool is_one = is_array(item);
      if (!is_one && !may_be_numbers(item)) {
        refuse(item, "item " + std::to_string(items_.size()) + " is ");
      }
      Array array = is_one ? load_array(item, what_) : nb::cast<Array>(numpy_rows(item, what_));
      if (array.ndim() == 1 && array.shape(0) != 0) {
        is_of_rows = true;
        break;
      }
      add_array(std::move(array), false);
    }
    if (is_of_rows) add_array(nb::cast<Array>(numpy_rows(values, what_)), true);
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
      const size_t rows = array.shape(array.ndim() - 2);
      if (cols == 0 && rows != 0) fail("item " + std::to_string(i) + " has vectors of dim 0");
      result.offsets.push_back(result.offsets.back() + rows);
    }
    const size_t num_values = result.num_tokens() * result.dim;
    result.values.reserve(num_values);
    const size_t part_size = copied_part_size(items_.size(), num_values);
    run_in_parts(items_.size(), part_size, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const auto first = static_cast<size_t>(result.offsets[i]) * result.dim;
        result.values.resize(static_cast<size_t>(result.offsets[i + 1]) * result.dim);
        copy_values(arrays_[items_[i].array], items_[i].outer, what_, result.values.data() + first);
      }
    });
    return result;
  }

 private:
  struct Item {
    size_t array, outer;
  };

  std::string message(const std::string& problem) const {
    return std::string(what_) + ": expected arrays [tokens, dim]; " + problem;
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw std::invalid_argument(message(problem));
  }
  [[noreturn]] void refuse(nb::handle found, const std::string& where) const {
    refuse_kind(message(where + shown(found)));
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
  check_signals();
  if (!may_be_numbers(values)) {
    refuse_kind(std::string(what) + ": expected numbers, got " + shown(values));
  }
  if (is_array(values)) {
    const auto array = nb::cast<Array>(numpy_rows(values, what).attr("reshape")(-1));
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
  return is_array(values) && nb::hasattr(values, "ndim") && nb::cast<int>(values.attr("ndim")) == 2;
}

}  // namespace maxsimd::python
