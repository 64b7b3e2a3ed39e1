// Losses of late-interaction training, with PyLate's names and values (pylate/losses). B = queries.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace maxsimd::training {

struct ContrastiveOptions {
  double temperature = 1.0;
  bool size_average = true;  // the mean over the queries, else the sum
};

/// Cross entropy of each query's positive among all documents of the batch. scores [B, N * batch]:
/// the positives of all queries of the batch first, then each column of negatives; the label of
/// query i is first_label + i. Throws std::invalid_argument when a row is all -inf (no document can
/// be chosen); on a GPU, which would have to be waited for, the loss is then not a number.
at::Tensor contrastive_loss(const at::Tensor& scores, const ContrastiveOptions& options,
                            int64_t first_label = 0);

struct DistillationLossOptions {
  bool normalize_scores = true;  // scale the scores of each query's documents to 0..1
  bool size_average = true;      // the mean over the queries, else the sum
};

/// Kullback-Leibler divergence of the softmax of each query's scores from that of the teacher's,
/// which are taken as they are. Both [B, ways], the teacher's on the CPU. Throws
/// std::invalid_argument: other shapes, a teacher's score that is not finite.
at::Tensor distillation_loss(const at::Tensor& scores, const at::Tensor& teacher_scores,
                             const DistillationLossOptions& options);

}  // namespace maxsimd::training
