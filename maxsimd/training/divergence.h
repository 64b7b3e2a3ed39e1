// What a run fails with when its numbers are none any more.
#pragma once

#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd::training {

/// A loss, a gradient, a weight or a vector is NaN or infinite.
class Diverged : public FormatError {
 public:
  /// `what`: "the loss of the last step is not a number".
  explicit Diverged(const std::string& what)
      : FormatError(
            "training: " + what +
            "; the last checkpoint is kept. A lower learning_rate, a higher temperature, or "
            "the default adam_epsilon and max_grad_norm may help") {}
};

}  // namespace maxsimd::training
