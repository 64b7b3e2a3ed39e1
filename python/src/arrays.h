// Embeddings as Python has them -> Embeddings. Arrays are whatever speaks DLPack or the buffer
// protocol on the CPU, of any number type and strides; tensors that need it are detached and
// brought to the CPU by their own methods, so no package is imported for it. Lists of numbers and
// what else NumPy can read go through numpy.asarray.
//
// All are called with the GIL, which is released while values are copied; signals end them. They
// throw nanobind::type_error for another kind of thing, std::invalid_argument for another shape,
// both beginning with `what` (the argument) and naming the item.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd::python {

/// A batch: a list of items [rows, D] (or [1, rows, D], as encode(padding=True) returns), an array
/// [n, rows, D], or an array [rows, D], which is one item.
Embeddings to_embeddings(nanobind::handle values, const char* what);

/// Batches of one batch each: groups[i] items of `items` belong to entry i.
struct EmbeddingGroups {
  Embeddings items;
  std::vector<size_t> groups;
};

/// A list of batches, or an array [n, m, rows, D].
EmbeddingGroups to_embedding_groups(nanobind::handle values, const char* what);

/// Multiplies each row by its value of a mask: an array of any shape, or lists of such, one value a
/// row in all.
void apply_mask(nanobind::handle mask, Embeddings& embeddings, const char* what);

/// Items [begin, end) of a batch.
Embeddings slice(const Embeddings& all, size_t begin, size_t end);

/// Whether this is one array [rows, D], not a batch.
bool is_single(nanobind::handle values);

}  // namespace maxsimd::python
