#include "maxsimd/training/modernbert_model.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "maxsimd/training/embedding_noise.h"
#include "maxsimd/training/layer_operators.h"
#include "maxsimd/training/recompute.h"

namespace maxsimd::training {
namespace {

RotaryTensors rotary_of(const ModernBertConfig& config, float theta, at::Device device) {
  const size_t positions = config.max_position_embeddings;
  return {RotaryTable(theta, config.head_dim(), positions), config.head_dim(), positions, device};
}

at::Tensor normal(const at::Tensor& x, const LayerNormWeights& norm) {
  return at::layer_norm(x, norm.weight.sizes(), norm.weight, norm.bias, norm.eps);
}

at::Tensor dropped(const at::Tensor& x, double rate) {
  return rate > 0 ? at::dropout(x, rate, true) : x;
}

void check_lengths(const PackedBatch& batch, size_t limit) {
  for (const Sequence& sequence : batch.sequences) {
    if (sequence.length <= limit) continue;
    throw std::invalid_argument("training: a sequence of " + std::to_string(sequence.length) +
                                " tokens; the encoder takes at most " + std::to_string(limit));
  }
}

}  // namespace

ModernBertModel::ModernBertModel(const Checkpoint& checkpoint, const TokenRows& token_rows,
                                 Parameters& parameters)
    : config_(read_modernbert_config(checkpoint)),
      dropout_{.embedding = read_dropout_rate(checkpoint, "embedding_dropout", 0.0),
               .attention = read_dropout_rate(checkpoint, "attention_dropout", 0.0),
               .mlp = read_dropout_rate(checkpoint, "mlp_dropout", 0.0)},
      global_rotary_(rotary_of(config_, config_.global_rope_theta, parameters.device())),
      local_rotary_(rotary_of(config_, config_.local_rope_theta, parameters.device())) {
  ParameterLoader loader(checkpoint, parameters);
  tokens_ = loader.matrix("embeddings.tok_embeddings.weight", config_.vocab_size,
                          config_.hidden_size, token_rows);
  embedding_norm_ = load_norm(loader, "embeddings.norm");
  for (size_t i = 0; i < config_.num_hidden_layers; ++i) layers_.push_back(load_layer(loader, i));
  final_norm_ = load_norm(loader, "final_norm");
}

LayerNormWeights ModernBertModel::load_norm(ParameterLoader& loader,
                                            const std::string& name) const {
  const size_t hidden = config_.hidden_size;
  return {loader.vector(name + ".weight", hidden),
          config_.norm_bias ? loader.vector(name + ".bias", hidden) : at::Tensor(),
          static_cast<double>(config_.norm_eps)};
}

ModernBertModel::Layer ModernBertModel::load_layer(ParameterLoader& loader, size_t index) const {
  const std::string prefix = "layers." + std::to_string(index) + ".";
  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  const auto linear = [&](const std::string& name, size_t out, size_t in,
                          bool has_bias) -> LinearWeights {
    return {loader.matrix(prefix + name + ".weight", out, in),
            has_bias ? loader.vector(prefix + name + ".bias", out) : at::Tensor()};
  };
  std::optional<LayerNormWeights> attention_norm;
  if (index > 0) attention_norm = load_norm(loader, prefix + "attn_norm");
  return {.attention_norm = std::move(attention_norm),
          .qkv = linear("attn.Wqkv", 3 * hidden, hidden, config_.attention_bias),
          .attention_output = linear("attn.Wo", hidden, hidden, config_.attention_bias),
          .mlp_norm = load_norm(loader, prefix + "mlp_norm"),
          .mlp_input = linear("mlp.Wi", 2 * inner, hidden, config_.mlp_bias),
          .mlp_output = linear("mlp.Wo", hidden, inner, config_.mlp_bias),
          .is_global = config_.is_global[index]};
}

// The row of padding gets no gradient, as in transformers.
at::Tensor ModernBertModel::embed(const PackedBatch& batch, const ForwardOptions& options) const {
  at::Tensor tokens = at::embedding(tokens_, batch.ids, padding_row(config_.pad_token_id));
  if (options.training && options.neftune_noise_alpha > 0) {
    tokens = add_embedding_noise(tokens, batch, options.neftune_noise_alpha);
  }
  return dropped(normal(tokens, embedding_norm_), options.training ? dropout_.embedding : 0);
}

at::Tensor ModernBertModel::attend(const Layer& layer, const at::Tensor& x,
                                   const PackedBatch& batch, const ForwardOptions& options) const {
  const double dropout = options.training ? dropout_.attention : 0;
  const auto heads = static_cast<int64_t>(config_.num_attention_heads);
  const at::Tensor normal_x = layer.attention_norm ? normal(x, *layer.attention_norm) : x;
  const LayerOperators with(options, x.device());
  const at::Tensor qkv = with.rotate(with.linear(normal_x, layer.qkv), batch, heads,
                                     layer.is_global ? global_rotary_ : local_rotary_);
  const at::Tensor context =
      with.attention(qkv, batch,
                     {.num_heads = heads,
                      .dropout = dropout,
                      .window = layer.is_global ? kernels::kNoWindow : config_.window});
  return dropped(with.linear(context, layer.attention_output), dropout);
}

at::Tensor ModernBertModel::apply(const Layer& layer, const at::Tensor& x, const PackedBatch& batch,
                                  const ForwardOptions& options) const {
  const at::Tensor y = x + attend(layer, x, batch, options);
  const LayerOperators with(options, x.device());
  return y + with.gated_feed_forward(normal(y, layer.mlp_norm), layer.mlp_input, layer.mlp_output,
                                     options.training ? dropout_.mlp : 0);
}

at::Tensor ModernBertModel::forward(const PackedBatch& batch, const ForwardOptions& options) const {
  check_lengths(batch, config_.max_position_embeddings);
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
  return normal(x, final_norm_);
}

}  // namespace maxsimd::training
