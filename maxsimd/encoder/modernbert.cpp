#include "maxsimd/encoder/modernbert.h"

#include <algorithm>
#include <utility>

namespace maxsimd {

ModernBertEncoder::ModernBertEncoder(const Checkpoint& checkpoint, const EncoderOptions& options)
    : config_(read_modernbert_config(checkpoint)),
      table_(kernels::kernel_table(options.isa)),
      precision_(options.precision) {
  TensorLoader loader(checkpoint);
  const size_t hidden = config_.hidden_size;
  const size_t positions = config_.max_position_embeddings;
  token_embeddings_ = loader.load_token_table(
      "embeddings.tok_embeddings.weight", config_.vocab_size, hidden, options.token_rows, notes_);
  embedding_norm_ = load_norm(loader, "embeddings.norm");
  for (const bool is_global : config_.is_global) {
    std::optional<RotaryTable>& rotary = is_global ? global_rotary_ : local_rotary_;
    const float theta = is_global ? config_.global_rope_theta : config_.local_rope_theta;
    if (!rotary) rotary.emplace(theta, config_.head_dim(), positions);
  }
  layers_.reserve(config_.num_hidden_layers);
  for (size_t i = 0; i < config_.num_hidden_layers; ++i) layers_.push_back(load_layer(loader, i));
  final_norm_ = load_norm(loader, "final_norm");
  if (const auto leftovers = loader.leftovers()) notes_.push_back(*leftovers);
  const size_t inner = config_.intermediate_size;
  shape_ = {.model_type = "modernbert",
            .num_layers = layers_.size(),
            .hidden_size = hidden,
            .num_heads = config_.num_attention_heads,
            .intermediate_size = inner,
            .vocab_size = token_embeddings_.size() / hidden,
            .max_positions = positions,
            .num_parameters = loader.num_parameters(),
            .num_linear_weights = layers_.size() * (4 * hidden * hidden + 3 * hidden * inner)};
}

LayerNorm ModernBertEncoder::load_norm(TensorLoader& loader, const std::string& name) const {
  const size_t hidden = config_.hidden_size;
  return {loader.load(name + ".weight", {hidden}),
          config_.norm_bias ? loader.load(name + ".bias", {hidden}) : std::vector<float>(hidden),
          config_.norm_eps};
}

AttentionShape ModernBertEncoder::attention_of(size_t layer) const {
  const bool is_global = config_.is_global[layer];
  return {.num_heads = config_.num_attention_heads,
          .head_dim = config_.head_dim(),
          .window = is_global ? kernels::kNoWindow : config_.window,
          .rotary = &(is_global ? global_rotary_ : local_rotary_).value()};
}

ModernBertEncoder::Layer ModernBertEncoder::load_layer(TensorLoader& loader, size_t index) const {
  const std::string prefix = "layers." + std::to_string(index) + ".";
  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  const auto bias = [&](const std::string& name, size_t out, bool has_bias) {
    return has_bias ? loader.load(prefix + name + ".bias", {out}) : std::vector<float>();
  };
  const auto linear = [&](const std::string& name, size_t out, size_t in, bool has_bias) {
    const std::vector<float> weight = loader.load(prefix + name + ".weight", {out, in});
    return Linear({weight.data(), out, in}, bias(name, out, has_bias), precision_, table_);
  };
  const std::vector<float> wi = loader.load(prefix + "mlp.Wi.weight", {2 * inner, hidden});
  const std::vector<float> wi_bias = bias("mlp.Wi", 2 * inner, config_.mlp_bias);
  const auto half_of_wi = [&](size_t half) {
    std::vector<float> part;
    if (!wi_bias.empty()) {
      const auto begin = wi_bias.begin() + static_cast<ptrdiff_t>(half * inner);
      part.assign(begin, begin + static_cast<ptrdiff_t>(inner));
    }
    return Linear({wi.data() + half * inner * hidden, inner, hidden}, std::move(part), precision_,
                  table_);
  };
  std::optional<LayerNorm> attention_norm;
  if (index > 0) attention_norm = load_norm(loader, prefix + "attn_norm");
  return {.attention_norm = std::move(attention_norm),
          .qkv = linear("attn.Wqkv", 3 * hidden, hidden, config_.attention_bias),
          .attention_output = linear("attn.Wo", hidden, hidden, config_.attention_bias),
          .mlp_norm = load_norm(loader, prefix + "mlp_norm"),
          .mlp_input = half_of_wi(0),
          .mlp_gate = half_of_wi(1),
          .mlp_output = linear("mlp.Wo", hidden, inner, config_.mlp_bias),
          .attention = attention_of(index)};
}

MatrixView<const float> ModernBertEncoder::forward(const TokenBatch& batch,
                                                   EncoderWorkspace& workspace,
                                                   ThreadPool& pool) const {
  check_batch(batch, shape_.vocab_size, shape_.max_positions);
  const size_t rows = batch.ids.size();
  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  workspace.hidden.ensure(rows * hidden);
  workspace.next.ensure(rows * hidden);
  workspace.qkv.ensure(rows * std::max(3 * hidden, inner));
  workspace.context.ensure(rows * hidden);
  workspace.feed_forward.ensure(rows * inner);

  float* x = workspace.hidden.data();
  float* y = workspace.next.data();
  float* normal = workspace.context.data();  // read before attention writes there, or after
  float* gates = workspace.qkv.data();       // the same
  const StepContext context = {table_, precision_, workspace, pool};
  const auto apply = [&](const Linear& linear, const float* in, float* out, const float* residual) {
    linear.apply({in, rows, linear.in_features()}, out, kernels::Activation::none, residual,
                 workspace.coded, pool);
  };
  embed(batch, x, context);
  for (const Layer& layer : layers_) {
    if (layer.attention_norm) normalize(*layer.attention_norm, x, normal, rows, context);
    apply(layer.qkv, layer.attention_norm ? normal : x, workspace.qkv.data(), nullptr);
    attend(batch, layer.attention, context);
    apply(layer.attention_output, workspace.context.data(), y, x);
    normalize(layer.mlp_norm, y, normal, rows, context);
    layer.mlp_input.apply_gated(layer.mlp_gate, {normal, rows, hidden}, gates,
                                workspace.feed_forward.data(), workspace.coded, pool);
    apply(layer.mlp_output, workspace.feed_forward.data(), x, y);
  }
  normalize(final_norm_, x, x, rows, context);
  return {x, rows, hidden};
}

void ModernBertEncoder::embed(const TokenBatch& batch, float* out,
                              const StepContext& context) const {
  const size_t hidden = config_.hidden_size;
  for_row_blocks(context.pool, batch.ids.size(), [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const auto id = static_cast<size_t>(batch.ids[row]);
      std::copy_n(token_embeddings_.data() + id * hidden, hidden, out + row * hidden);
    }
  });
  normalize(embedding_norm_, out, out, batch.ids.size(), context);
}

}  // namespace maxsimd
