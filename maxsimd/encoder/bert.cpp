#include "maxsimd/encoder/bert.h"

#include <utility>

#include "maxsimd/encoder/bert_names.h"

namespace maxsimd {
namespace {

std::vector<float> concatenate(std::vector<float> a, const std::vector<float>& b,
                               const std::vector<float>& c) {
  a.insert(a.end(), b.begin(), b.end());
  a.insert(a.end(), c.begin(), c.end());
  return a;
}

}  // namespace

BertEncoder::BertEncoder(const Checkpoint& checkpoint, const EncoderOptions& options)
    : config_(parse_bert_config(checkpoint.config_text,
                                (checkpoint.encoder_folder / "config.json").string())),
      table_(kernels::kernel_table(options.isa)),
      precision_(options.precision) {
  TensorLoader loader(checkpoint);
  load_embeddings(loader, options.token_rows);
  layers_.reserve(config_.num_hidden_layers);
  for (size_t i = 0; i < config_.num_hidden_layers; ++i) layers_.push_back(load_layer(loader, i));
  if (const auto leftovers = loader.leftovers()) notes_.push_back(*leftovers);

  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  const size_t linear_weights = 4 * hidden * hidden + 2 * hidden * inner;
  shape_ = {.model_type = config_.model_type,
            .num_layers = config_.num_hidden_layers,
            .hidden_size = hidden,
            .num_heads = config_.num_attention_heads,
            .intermediate_size = inner,
            .vocab_size = word_embeddings_.size() / hidden,
            .max_positions = config_.max_length(),
            .num_parameters = loader.num_parameters(),
            .num_linear_weights = layers_.size() * linear_weights};
}

void BertEncoder::load_embeddings(TensorLoader& loader, const TokenRows& wanted) {
  const size_t hidden = config_.hidden_size;
  word_embeddings_ = loader.load_token_table("embeddings.word_embeddings.weight",
                                             config_.vocab_size, hidden, wanted, notes_);
  position_embeddings_ = loader.load("embeddings.position_embeddings.weight",
                                     {config_.max_position_embeddings, hidden});
  if (config_.type_vocab_size > 0) {
    const std::vector<float> types =
        loader.load("embeddings.token_type_embeddings.weight", {config_.type_vocab_size, hidden});
    for (size_t i = 0; i < position_embeddings_.size(); ++i) {
      position_embeddings_[i] += types[i % hidden];
    }
  }
  embedding_norm_ = load_norm(loader, "embeddings.LayerNorm");
}

LayerNorm BertEncoder::load_norm(TensorLoader& loader, const std::string& name) const {
  return {loader.load(name + ".weight", {config_.hidden_size}),
          loader.load(name + ".bias", {config_.hidden_size}), config_.layer_norm_eps};
}

BertEncoder::Layer BertEncoder::load_layer(TensorLoader& loader, size_t index) const {
  const std::string prefix = bert_layer_prefix(config_.family, index);
  const BertLayerNames& names = bert_layer_names(config_.family);
  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  const auto weight = [&](const std::string& name, size_t out, size_t in) {
    return loader.load(prefix + name + ".weight", {out, in});
  };
  const auto bias = [&](const std::string& name, size_t out) {
    return loader.load(prefix + name + ".bias", {out});
  };
  const auto linear = [&](const std::string& name, size_t out, size_t in) {
    const std::vector<float> values = weight(name, out, in);
    return Linear({values.data(), out, in}, bias(name, out), precision_, table_);
  };
  const std::vector<float> qkv =
      concatenate(weight(names.query, hidden, hidden), weight(names.key, hidden, hidden),
                  weight(names.value, hidden, hidden));
  std::vector<float> qkv_bias =
      concatenate(bias(names.query, hidden), bias(names.key, hidden), bias(names.value, hidden));
  return {.qkv = Linear({qkv.data(), 3 * hidden, hidden}, std::move(qkv_bias), precision_, table_),
          .attention_output = linear(names.attention_output, hidden, hidden),
          .attention_norm = load_norm(loader, prefix + names.attention_norm),
          .intermediate = linear(names.intermediate, inner, hidden),
          .output = linear(names.output, hidden, inner),
          .output_norm = load_norm(loader, prefix + names.output_norm)};
}

MatrixView<const float> BertEncoder::forward(const TokenBatch& batch, EncoderWorkspace& workspace,
                                             ThreadPool& pool) const {
  check_batch(batch, shape_.vocab_size, shape_.max_positions);
  const size_t rows = batch.ids.size();
  const size_t hidden = config_.hidden_size;
  workspace.hidden.ensure(rows * hidden);
  workspace.next.ensure(rows * hidden);
  workspace.qkv.ensure(rows * 3 * hidden);
  workspace.context.ensure(rows * hidden);
  workspace.feed_forward.ensure(rows * config_.intermediate_size);

  float* x = workspace.hidden.data();
  float* y = workspace.next.data();
  const auto apply = [&](const Linear& linear, const float* in, float* out,
                         kernels::Activation activation, const float* residual) {
    linear.apply({in, rows, linear.in_features()}, out, activation, residual, workspace.coded,
                 pool);
  };
  const auto none = kernels::Activation::none;
  const AttentionShape attention = {.num_heads = config_.num_attention_heads,
                                    .head_dim = config_.head_dim()};
  const StepContext context = {table_, precision_, workspace, pool};
  embed(batch, x, context);
  for (const Layer& layer : layers_) {
    apply(layer.qkv, x, workspace.qkv.data(), none, nullptr);
    attend(batch, attention, context);
    apply(layer.attention_output, workspace.context.data(), y, none, x);
    normalize(layer.attention_norm, y, y, rows, context);
    apply(layer.intermediate, y, workspace.feed_forward.data(), kernels::Activation::gelu, nullptr);
    apply(layer.output, workspace.feed_forward.data(), x, none, y);
    normalize(layer.output_norm, x, x, rows, context);
  }
  return {x, rows, hidden};
}

// word[id] + position + type[0], layer norm.
void BertEncoder::embed(const TokenBatch& batch, float* out, const StepContext& context) const {
  const size_t hidden = config_.hidden_size;
  context.pool.parallel_for(batch.sequences.size(), [&](size_t s, size_t) {
    const Sequence& sequence = batch.sequences[s];
    PositionCounter positions(config_);
    for (size_t i = 0; i < sequence.length; ++i) {
      const int32_t id = batch.ids[sequence.begin + i];
      const float* word = word_embeddings_.data() + static_cast<size_t>(id) * hidden;
      const float* position = position_embeddings_.data() + positions.next(id) * hidden;
      float* row = out + (sequence.begin + i) * hidden;
      for (size_t d = 0; d < hidden; ++d) row[d] = word[d] + position[d];
    }
  });
  normalize(embedding_norm_, out, out, batch.ids.size(), context);
}

}  // namespace maxsimd
