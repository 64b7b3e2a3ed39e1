// From a batch of texts to its loss, with gradients of all weights or without, by whichever loss
// the run has. One thread at a time.
#pragma once

#include "maxsimd/training/objective.h"

namespace maxsimd::training {

/// The loss, without gradients. Throws as the losses do.
double batch_loss(const ColbertModel& model, const TokenizedBatch& batch,
                  const ForwardOptions& forward, const ObjectiveOptions& options);

/// Adds the gradients of loss / divisor to those of the model's parameters; returns loss / divisor,
/// [] on the model's device, which is not waited for.
at::Tensor add_gradients(const ColbertModel& model, const TokenizedBatch& batch,
                         const ForwardOptions& forward, const ObjectiveOptions& options,
                         double divisor = 1);

}  // namespace maxsimd::training
