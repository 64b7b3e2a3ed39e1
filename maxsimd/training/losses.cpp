#include "maxsimd/training/losses.h"

#include <ATen/ATen.h>

#include <stdexcept>

namespace maxsimd::training {

at::Tensor contrastive_loss(const at::Tensor& scores, const ContrastiveOptions& options) {
  if (scores.isneginf().all(1).any().item<bool>()) {
    throw std::invalid_argument("contrastive loss: all scores of a query are -inf");
  }
  const at::Tensor labels = at::arange(scores.size(0), scores.options().dtype(at::kLong));
  return at::cross_entropy_loss(scores / options.temperature, labels, {},
                                options.size_average ? at::Reduction::Mean : at::Reduction::Sum);
}

}  // namespace maxsimd::training
