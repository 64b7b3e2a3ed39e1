// The contrastive loss in bounded memory (GradCache: Gao, Zhang, Han and Callan 2021;
// pylate/losses/cached_contrastive.py): texts are embedded in chunks without gradients, the loss
// gives the gradient of every embedding, and each chunk is embedded again to take its part
// further back. One chunk's activations are held at a time, for twice the forward work. The
// gradients are those of the plain loss (docs/decisions/020); with dropout both passes of a chunk
// draw the same masks, by the states of LibTorch's default generators. One thread at a time.
#pragma once

#include "maxsimd/training/objective.h"

namespace maxsimd::training {

/// embed_batch() by chunks of options.mini_batch_size texts of a column, without gradients.
BatchEmbeddings embed_in_chunks(const ColbertModel& model, const TokenizedBatch& batch,
                                const ForwardOptions& forward, const ObjectiveOptions& options);

/// Adds the gradients of loss / divisor to those of the model's parameters; returns loss / divisor,
/// [] on the model's device. Throws as loss_of().
at::Tensor add_cached_gradients(const ColbertModel& model, const TokenizedBatch& batch,
                                const ForwardOptions& forward, const ObjectiveOptions& options,
                                double divisor);

}  // namespace maxsimd::training
