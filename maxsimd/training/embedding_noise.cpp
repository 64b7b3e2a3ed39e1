#include "maxsimd/training/embedding_noise.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace maxsimd::training {

at::Tensor add_embedding_noise(const at::Tensor& words, const PackedBatch& batch, double alpha) {
  const auto hidden = static_cast<double>(words.size(1));
  const at::Tensor scales = at::empty({words.size(0), 1});
  float* scale = scales.mutable_data_ptr<float>();
  for (size_t i = 0; i < batch.sequences.size(); ++i) {
    const double dims = static_cast<double>(batch.padded[i]) * hidden;
    scale =
        std::fill_n(scale, batch.sequences[i].length, static_cast<float>(alpha / std::sqrt(dims)));
  }
  return words + at::empty(words.sizes()).uniform_(-1, 1).mul_(scales);
}

}  // namespace maxsimd::training
