#include "maxsimd/training/parameter_loader.h"

#include <ATen/ATen.h>

#include "maxsimd/checkpoint/config_reader.h"

namespace maxsimd::training {

at::Tensor ParameterLoader::matrix(const std::string& name, size_t rows, size_t cols,
                                   const TokenRows& wanted) {
  const std::vector<float> values =
      grow_embedding_rows(weights_.load(name, {rows, cols}), cols, wanted);
  const auto width = static_cast<int64_t>(cols);
  return parameters_.add(name,
                         tensor_of(values, {static_cast<int64_t>(values.size()) / width, width}),
                         is_decayed(name));
}

at::Tensor ParameterLoader::vector(const std::string& name, size_t size) {
  return parameters_.add(name, tensor_of(weights_.load(name, {size}), {static_cast<int64_t>(size)}),
                         is_decayed(name));
}

double read_dropout_rate(const Checkpoint& checkpoint, const char* key, double otherwise) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  const ConfigReader config = ConfigReader::parse(checkpoint.config_text, where);
  const double rate = config.number(key).value_or(otherwise);
  if (!(rate >= 0 && rate < 1)) config.fail(key, "a number from 0 to below 1");
  return rate;
}

int64_t padding_row(std::optional<size_t> pad_token_id) {
  constexpr int64_t kNone = -1;  // at::embedding's
  return pad_token_id ? static_cast<int64_t>(*pad_token_id) : kNone;
}

}  // namespace maxsimd::training
