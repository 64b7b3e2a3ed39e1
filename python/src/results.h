// What the library returns -> what Python gets.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd::python {

template <class T>
using NumpyArray = nanobind::ndarray<nanobind::numpy, T, nanobind::c_contig>;

/// A NumPy array that owns the values, which are moved, not copied.
template <class T>
NumpyArray<T> to_numpy(std::vector<T>&& values, std::initializer_list<size_t> shape) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  T* const data = kept->data();
  nanobind::capsule owner(kept.get(), [](void* pointer) noexcept {
    std::unique_ptr<std::vector<T>>(static_cast<std::vector<T>*>(pointer)).reset();
  });
  static_cast<void>(kept.release());  // the capsule's now
  return NumpyArray<T>(data, shape, owner);
}

/// (values [tokens, D], offsets [n + 1]): items are views of values.
nanobind::tuple to_numpy(Embeddings&& embeddings);

/// A list of arrays [rows, D], views of one block that all of them keep alive.
nanobind::list to_list(Embeddings&& embeddings);

}  // namespace maxsimd::python
