// Adds an encoder's tensors to the parameters as they are asked for.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/encoder/encoder.h"
#include "maxsimd/training/parameters.h"

namespace maxsimd::training {

class ParameterLoader {
 public:
  /// Both must outlive this.
  ParameterLoader(const Checkpoint& checkpoint, Parameters& parameters)
      : weights_(checkpoint.weights), parameters_(parameters) {}

  /// [rows, cols]; an embedding table with a row for each id of the tokenizer.
  at::Tensor matrix(const std::string& name, size_t rows, size_t cols,
                    const TokenRows& wanted = {});
  at::Tensor vector(const std::string& name, size_t size);

 private:
  const Weights& weights_;
  Parameters& parameters_;
};

/// A rate of dropout in a checkpoint's config.json, [0, 1). Throws FormatError.
double read_dropout_rate(const Checkpoint& checkpoint, const char* key, double otherwise);

/// The row of an embedding table that gets no gradient, as at::embedding takes it.
int64_t padding_row(std::optional<size_t> pad_token_id);

}  // namespace maxsimd::training
