#include "maxsimd/training/bert_model.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/training/embedding_noise.h"
#include "maxsimd/training/recompute.h"

namespace maxsimd::training {
namespace {

double read_rate(const nlohmann::json& config, const char* key, const std::string& where) {
  const auto found = config.find(key);
  if (found == config.end()) return 0.1;  // BertConfig's default
  if (!found->is_number() || found->get<double>() < 0 || found->get<double>() >= 1) {
    throw FormatError(where + ": '" + key + "': expected a number from 0 to below 1, got " +
                      found->dump());
  }
  return found->get<double>();
}

DropoutRates read_dropout(const Checkpoint& checkpoint) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  const nlohmann::json config = parse_json(checkpoint.config_text, where);
  return {.hidden = read_rate(config, "hidden_dropout_prob", where),
          .attention = read_rate(config, "attention_probs_dropout_prob", where)};
}

/// Adds tensors of the checkpoint to the parameters as they are asked for.
class Loader {
 public:
  Loader(const Checkpoint& checkpoint, Parameters& parameters)
      : weights_(checkpoint.weights), parameters_(parameters) {}

  at::Tensor matrix(const std::string& name, size_t rows, size_t cols, size_t min_rows = 0) {
    const std::vector<float> values =
        grow_embedding_rows(weights_.load(name, {rows, cols}), cols, min_rows);
    const auto width = static_cast<int64_t>(cols);
    return parameters_.add(name,
                           tensor_of(values, {static_cast<int64_t>(values.size()) / width, width}),
                           is_decayed(name));
  }
  at::Tensor vector(const std::string& name, size_t size) {
    return parameters_.add(name,
                           tensor_of(weights_.load(name, {size}), {static_cast<int64_t>(size)}),
                           is_decayed(name));
  }

 private:
  const Weights& weights_;
  Parameters& parameters_;
};

}  // namespace

BertModel::BertModel(const Checkpoint& checkpoint, size_t min_vocab_size, Parameters& parameters)
    : config_(parse_bert_config(checkpoint.config_text,
                                (checkpoint.encoder_folder / "config.json").string())),
      dropout_(read_dropout(checkpoint)) {
  Loader loader(checkpoint, parameters);
  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  words_ = loader.matrix("embeddings.word_embeddings.weight", config_.vocab_size, hidden,
                         min_vocab_size);
  positions_ = loader.matrix("embeddings.position_embeddings.weight",
                             config_.max_position_embeddings, hidden);
  types_ =
      loader.matrix("embeddings.token_type_embeddings.weight", config_.type_vocab_size, hidden);
  const auto norm = [&](const std::string& name) -> LayerNormWeights {
    return {loader.vector(name + ".weight", hidden), loader.vector(name + ".bias", hidden),
            static_cast<double>(config_.layer_norm_eps)};
  };
  const auto linear = [&](const std::string& name, size_t out, size_t in) -> LinearWeights {
    return {loader.matrix(name + ".weight", out, in), loader.vector(name + ".bias", out)};
  };
  embedding_norm_ = norm("embeddings.LayerNorm");
  for (size_t i = 0; i < config_.num_hidden_layers; ++i) {
    const std::string prefix = "encoder.layer." + std::to_string(i) + ".";
    layers_.push_back(
        {.query = linear(prefix + "attention.self.query", hidden, hidden),
         .key = linear(prefix + "attention.self.key", hidden, hidden),
         .value = linear(prefix + "attention.self.value", hidden, hidden),
         .attention_output = linear(prefix + "attention.output.dense", hidden, hidden),
         .attention_norm = norm(prefix + "attention.output.LayerNorm"),
         .intermediate = linear(prefix + "intermediate.dense", inner, hidden),
         .output = linear(prefix + "output.dense", hidden, inner),
         .output_norm = norm(prefix + "output.LayerNorm")});
  }
}

at::Tensor BertModel::embed(const PackedBatch& batch, const ForwardOptions& options) const {
  const double dropout = options.training ? dropout_.hidden : 0;
  at::Tensor words = at::embedding(words_, batch.ids);
  if (options.training && options.neftune_noise_alpha > 0) {
    words = add_embedding_noise(words, batch, options.neftune_noise_alpha);
  }
  const at::Tensor sum = words + at::embedding(positions_, batch.positions) + types_.select(0, 0);
  const LayerNormWeights& norm = embedding_norm_;
  return at::dropout(at::layer_norm(sum, {hidden_size()}, norm.weight, norm.bias, norm.eps),
                     dropout, dropout > 0);
}

at::Tensor BertModel::apply(const Layer& layer, const at::Tensor& x, const PackedBatch& batch,
                            const ForwardOptions& options) const {
  const DropoutRates dropout = options.training ? dropout_ : DropoutRates{};
  const LinearWeights all = {at::cat({layer.query.weight, layer.key.weight, layer.value.weight}),
                             at::cat({layer.query.bias, layer.key.bias, layer.value.bias})};
  const LayerOperators with(options, x.device());
  const at::Tensor context =
      with.attention(with.linear(x, all), batch,
                     {.num_heads = static_cast<int64_t>(config_.num_attention_heads),
                      .dropout = dropout.attention});
  const at::Tensor y = with.add_norm(with.linear(context, layer.attention_output), x,
                                     layer.attention_norm, dropout.hidden);
  return with.add_norm(with.feed_forward(y, layer.intermediate, layer.output), y, layer.output_norm,
                       dropout.hidden);
}

at::Tensor BertModel::forward(const PackedBatch& batch, const ForwardOptions& options) const {
  at::Tensor x = embed(batch, options);
  const bool again = options.recompute_layers && x.requires_grad();
  for (const Layer& layer : layers_) {
    if (!again) {
      x = apply(layer, x, batch, options);
      continue;
    }
    x = recomputed(x, [this, &layer, batch, options](const at::Tensor& in) {
      return apply(layer, in, batch, options);
    });
  }
  return x;
}

std::unique_ptr<DifferentiableEncoder> load_differentiable_encoder(const Checkpoint& checkpoint,
                                                                   size_t min_vocab_size,
                                                                   Parameters& parameters) {
  // load_encoder() has refused every other model_type by name.
  return std::make_unique<BertModel>(checkpoint, min_vocab_size, parameters);
}

}  // namespace maxsimd::training
