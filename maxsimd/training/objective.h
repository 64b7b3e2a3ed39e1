// The loss of a batch: embeddings of all its texts, MaxSim of every query with every document, and
// the loss over those scores. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include "maxsimd/training/batch_loader.h"
#include "maxsimd/training/colbert_model.h"
#include "maxsimd/training/losses.h"
#include "maxsimd/training/maxsim_scores.h"

namespace maxsimd::training {

struct ObjectiveOptions {
  ContrastiveOptions contrastive;
  Masking masking = Masking::pylate;
  size_t document_length = 180;  // what PyLate pads documents to
};

/// The embeddings of a batch, split into queries and documents (the positives, then each column of
/// negatives).
struct BatchEmbeddings {
  TokenRows queries, documents;
};

BatchEmbeddings embed_batch(const ColbertModel& model, const TokenizedBatch& batch,
                            const ForwardOptions& options);

/// The loss over embeddings; gradients flow into them.
at::Tensor loss_of(const BatchEmbeddings& embeddings, const ObjectiveOptions& options);

}  // namespace maxsimd::training
