#include "maxsimd/training/batch_loss.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "maxsimd/training/cached_contrastive.h"

namespace maxsimd::training {

double batch_loss(const ColbertModel& model, const TokenizedBatch& batch,
                  const ForwardOptions& forward, const ObjectiveOptions& options) {
  const c10::NoGradGuard no_grad;
  const BatchEmbeddings embeddings = options.loss == LossKind::kCachedContrastive
                                         ? embed_in_chunks(model, batch, forward, options)
                                         : embed_batch(model, batch, forward);
  return loss_of(embeddings, options).item<double>();
}

at::Tensor add_gradients(const ColbertModel& model, const TokenizedBatch& batch,
                         const ForwardOptions& forward, const ObjectiveOptions& options,
                         double divisor) {
  if (options.loss == LossKind::kCachedContrastive) {
    return add_cached_gradients(model, batch, forward, options, divisor);
  }
  const at::Tensor loss = loss_of(embed_batch(model, batch, forward), options) / divisor;
  loss.backward();
  return loss.detach();
}

}  // namespace maxsimd::training
