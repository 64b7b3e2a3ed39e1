#include "maxsimd/training/embedding_noise.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "maxsimd/training/device.h"

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
  const at::Tensor noise = at::empty(words.sizes(), words.options()).uniform_(-1, 1);
  return words + noise.mul_(to_device(scales, words.device()));
}

}  // namespace maxsimd::training
