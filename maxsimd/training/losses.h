// Losses of late-interaction training, with PyLate's names and values (pylate/losses).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace maxsimd::training {

struct ContrastiveOptions {
  double temperature = 1.0;
  bool size_average = true;  // the mean over the queries, else the sum
};

/// Cross entropy of each query's positive among all documents of the batch. scores [B, N * B]: the
/// positives of queries 0 .. B-1 first, then each column of negatives; query i's label is i.
/// Throws std::invalid_argument when a row is all -inf (no document can be chosen).
at::Tensor contrastive_loss(const at::Tensor& scores, const ContrastiveOptions& options);

}  // namespace maxsimd::training
