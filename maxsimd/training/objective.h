// The loss of a batch's embeddings: MaxSim between queries and documents, and the loss over those
// scores. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/batch_loader.h"
#include "maxsimd/training/colbert_model.h"
#include "maxsimd/training/data_parallel.h"
#include "maxsimd/training/losses.h"
#include "maxsimd/training/maxsim_scores.h"

namespace maxsimd::training {

struct ObjectiveOptions {
  LossKind loss = LossKind::kContrastive;
  ContrastiveOptions contrastive;        // of kCachedContrastive, too
  DistillationLossOptions distillation;  // of kDistillation
  Masking masking = Masking::pylate;
  size_t document_length = 180;  // what PyLate pads documents to
  /// Texts of a column embedded at a time by kCachedContrastive.
  size_t mini_batch_size = 32;
  /// Queries scored at a time by the contrastive losses: the same loss in less memory. 0: all.
  size_t score_mini_batch_size = 0;
  /// The contrastive losses: the documents of all these processes are negatives of each query.
  /// Null: those of this process. Must outlive the backward pass.
  const ProcessGroup* gather = nullptr;
  /// batched_maxsim.h on a CPU, too: slower there; how tests reach what runs on GPUs.
  bool batched_scores = false;
};

/// The embeddings of a batch.
struct BatchEmbeddings {
  TokenRows queries;
  /// The positives, then each column of negatives; for distillation all documents of the first
  /// query, then of the second, ...
  TokenRows documents;
  at::Tensor teacher_scores;  // [queries, ways] on the CPU; distillation only
};

BatchEmbeddings embed_batch(const ColbertModel& model, const TokenizedBatch& batch,
                            const ForwardOptions& options);

/// What embed_batch() makes of the embeddings of all texts of the batch, column by column.
BatchEmbeddings split_batch(const TokenRows& texts, const TokenizedBatch& batch);

/// The documents that queries are scored with, and where their own begin among them.
GatheredTexts candidates(const TokenRows& documents, const ObjectiveOptions& options);

/// scores [queries, documents] of every query with every document.
at::Tensor scores_of(const TokenRows& queries, const TokenRows& documents,
                     const ObjectiveOptions& options);

/// Throws std::invalid_argument when the documents leave a contrastive loss nothing to choose: none
/// of them has a row, and what has none is absent.
void check_can_score(const TokenRows& documents, const ObjectiveOptions& options);

/// The loss over embeddings; gradients flow into them. Throws as the losses do.
at::Tensor loss_of(const BatchEmbeddings& embeddings, const ObjectiveOptions& options);

}  // namespace maxsimd::training
