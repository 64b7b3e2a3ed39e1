#include "maxsimd/training/bert_model.h"

#include <ATen/ATen.h>

#include "maxsimd/encoder/bert_names.h"
#include "maxsimd/training/embedding_noise.h"
#include "maxsimd/training/parameter_loader.h"
#include "maxsimd/training/recompute.h"

namespace maxsimd::training {
BertModel::BertModel(const Checkpoint& checkpoint, const TokenRows& token_rows,
                     Parameters& parameters)
    : config_(parse_bert_config(checkpoint.config_text,
                                (checkpoint.encoder_folder / "config.json").string())) {
  const BertDropoutKeys& keys = bert_dropout_keys(config_.family);
  dropout_ = rates_of(read_dropout_rate(checkpoint, keys.hidden, 0.1),
                      read_dropout_rate(checkpoint, keys.attention, 0.1));
  ParameterLoader loader(checkpoint, parameters);
  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  words_ =
      loader.matrix("embeddings.word_embeddings.weight", config_.vocab_size, hidden, token_rows);
  positions_ = loader.matrix("embeddings.position_embeddings.weight",
                             config_.max_position_embeddings, hidden);
  if (config_.type_vocab_size > 0) {
    types_ =
        loader.matrix("embeddings.token_type_embeddings.weight", config_.type_vocab_size, hidden);
  }
  const auto norm = [&](const std::string& name) -> LayerNormWeights {
    return {loader.vector(name + ".weight", hidden), loader.vector(name + ".bias", hidden),
            static_cast<double>(config_.layer_norm_eps)};
  };
  const auto linear = [&](const std::string& name, size_t out, size_t in) -> LinearWeights {
    return {loader.matrix(name + ".weight", out, in), loader.vector(name + ".bias", out)};
  };
  embedding_norm_ = norm("embeddings.LayerNorm");
  for (size_t i = 0; i < config_.num_hidden_layers; ++i) {
    const std::string prefix = bert_layer_prefix(config_.family, i);
    const BertLayerNames& names = bert_layer_names(config_.family);
    layers_.push_back({.query = linear(prefix + names.query, hidden, hidden),
                       .key = linear(prefix + names.key, hidden, hidden),
                       .value = linear(prefix + names.value, hidden, hidden),
                       .attention_output = linear(prefix + names.attention_output, hidden, hidden),
                       .attention_norm = norm(prefix + names.attention_norm),
                       .intermediate = linear(prefix + names.intermediate, inner, hidden),
                       .output = linear(prefix + names.output, hidden, inner),
                       .output_norm = norm(prefix + names.output_norm)});
  }
}

BertModel::DropoutRates BertModel::rates_of(double hidden, double attention) const {
  const bool is_distilbert = config_.family == BertFamily::distilbert;
  return {hidden, attention, is_distilbert ? 0 : hidden};
}

void BertModel::set_dropout(double rate) {
  dropout_ = rates_of(rate, rate);
}

at::Tensor BertModel::position_rows(const PackedBatch& batch) const {
  if (config_.family != BertFamily::roberta) return batch.positions;
  // As PositionCounter counts, on the batch's device: tokens that are no padding, from the first of
  // their sequence on.
  const auto padding = static_cast<int64_t>(*config_.pad_token_id);
  const at::Tensor counts = batch.ids.ne(padding).to(at::kLong);
  const at::Tensor sums = counts.cumsum(0);
  const at::Tensor first = at::arange(batch.num_tokens(), batch.ids.options()) - batch.positions;
  const at::Tensor before = (sums - counts).index_select(0, first);
  return (sums - before) * counts + padding;
}

// The rows of padding, of words and of a RoBERTa's positions, get no gradient, as in transformers.
at::Tensor BertModel::embed(const PackedBatch& batch, const ForwardOptions& options) const {
  const double dropout = options.training ? dropout_.hidden : 0;
  const int64_t padding = padding_row(config_.pad_token_id);
  at::Tensor words = at::embedding(words_, batch.ids, padding);
  if (options.training && options.neftune_noise_alpha > 0) {
    words = add_embedding_noise(words, batch, options.neftune_noise_alpha);
  }
  const bool is_roberta = config_.family == BertFamily::roberta;
  at::Tensor sum = words + at::embedding(positions_, position_rows(batch),
                                         is_roberta ? padding : padding_row(std::nullopt));
  if (types_.defined()) sum = sum + types_.select(0, 0);
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
                                     layer.attention_norm, dropout.attention_output);
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

}  // namespace maxsimd::training
