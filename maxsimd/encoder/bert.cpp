#include "maxsimd/encoder/bert.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <stdexcept>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

constexpr size_t kElementwiseRows = 64;  // rows of one task of embedding sums and layer norms
constexpr size_t kHeadsPerTask = 3;

std::vector<float> concatenate(std::vector<float> a, const std::vector<float>& b,
                               const std::vector<float>& c) {
  a.insert(a.end(), b.begin(), b.end());
  a.insert(a.end(), c.begin(), c.end());
  return a;
}

template <class Body>
void for_row_blocks(ThreadPool& pool, size_t rows, Body body) {
  pool.parallel_for((rows + kElementwiseRows - 1) / kElementwiseRows, [&](size_t block, size_t) {
    const size_t begin = block * kElementwiseRows;
    body(begin, std::min(begin + kElementwiseRows, rows));
  });
}

}  // namespace

/// Loads tensors and remembers which, so that what was left over can be told.
class BertEncoder::Loader {
 public:
  explicit Loader(const Weights& weights) : weights_(weights) {}

  std::vector<float> load(const std::string& name, std::initializer_list<size_t> shape) {
    std::vector<float> values = weights_.load(name, shape);
    used_.insert(weights_.find(name)->name);
    return values;
  }

  /// One line about the tensors nobody asked for, or nothing. The pooler and the position ids are
  /// in most checkpoints and never used by a ColBERT; linear.weight is a Stanford projection.
  std::optional<std::string> leftovers() const {
    size_t count = 0;
    std::string example;
    for (const TensorView& tensor : weights_.tensors()) {
      const std::string name(tensor.name);
      if (used_.contains(tensor.name) || name.find("pooler.") != std::string::npos ||
          name.ends_with("position_ids") || name.starts_with("linear.")) {
        continue;
      }
      if (count++ == 0) example = name;
    }
    if (count == 0) return std::nullopt;
    return std::to_string(count) + " tensors of the checkpoint are not part of this encoder and " +
           "were ignored, for one '" + example + "'";
  }

 private:
  const Weights& weights_;
  std::set<std::string, std::less<>> used_;
};

BertEncoder::BertEncoder(const Checkpoint& checkpoint, const EncoderOptions& options)
    : config_(parse_bert_config(checkpoint.config_text,
                                (checkpoint.encoder_folder / "config.json").string())),
      table_(kernels::kernel_table(options.isa)),
      precision_(options.precision) {
  Loader loader(checkpoint.weights);
  load_embeddings(loader, options, checkpoint.encoder_folder.string());
  layers_.reserve(config_.num_hidden_layers);
  for (size_t i = 0; i < config_.num_hidden_layers; ++i) layers_.push_back(load_layer(loader, i));
  if (const auto leftovers = loader.leftovers()) notes_.push_back(*leftovers);

  const size_t hidden = config_.hidden_size;
  const size_t inner = config_.intermediate_size;
  const size_t linear_weights = 4 * hidden * hidden + 2 * hidden * inner;
  const size_t per_layer = linear_weights + inner + 9 * hidden;
  shape_ = {.model_type = "bert",
            .num_layers = config_.num_hidden_layers,
            .hidden_size = hidden,
            .num_heads = config_.num_attention_heads,
            .intermediate_size = inner,
            .vocab_size = word_embeddings_.size() / hidden,
            .max_positions = config_.max_position_embeddings,
            .num_parameters = word_embeddings_.size() + position_embeddings_.size() +
                              (config_.type_vocab_size + 2) * hidden + layers_.size() * per_layer,
            .num_linear_weights = layers_.size() * linear_weights};
}

void BertEncoder::load_embeddings(Loader& loader, const EncoderOptions& options,
                                  const std::string& where) {
  const size_t hidden = config_.hidden_size;
  if (options.min_vocab_size > config_.vocab_size + kMaxAddedRows) {
    throw FormatError(where + ": the tokenizer has ids up to " +
                      std::to_string(options.min_vocab_size - 1) +
                      ", the embedding table of the checkpoint has " +
                      std::to_string(config_.vocab_size) + " rows; they do not belong together");
  }
  if (options.min_vocab_size > config_.vocab_size) {
    notes_.push_back("the embedding table was grown from " + std::to_string(config_.vocab_size) +
                     " to " + std::to_string(options.min_vocab_size) +
                     " rows for the tokenizer's ids; new rows are the mean of the others");
  }
  word_embeddings_ = grow_embedding_rows(
      loader.load("embeddings.word_embeddings.weight", {config_.vocab_size, hidden}), hidden,
      options.min_vocab_size);
  position_embeddings_ = loader.load("embeddings.position_embeddings.weight",
                                     {config_.max_position_embeddings, hidden});
  const std::vector<float> types =
      loader.load("embeddings.token_type_embeddings.weight", {config_.type_vocab_size, hidden});
  for (size_t i = 0; i < position_embeddings_.size(); ++i) {
    position_embeddings_[i] += types[i % hidden];
  }
  embedding_norm_ = load_norm(loader, "embeddings.LayerNorm");
}

BertEncoder::LayerNorm BertEncoder::load_norm(Loader& loader, const std::string& name) const {
  return {loader.load(name + ".weight", {config_.hidden_size}),
          loader.load(name + ".bias", {config_.hidden_size})};
}

BertEncoder::Layer BertEncoder::load_layer(Loader& loader, size_t index) const {
  const std::string prefix = "encoder.layer." + std::to_string(index) + ".";
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
  const std::vector<float> qkv = concatenate(weight("attention.self.query", hidden, hidden),
                                             weight("attention.self.key", hidden, hidden),
                                             weight("attention.self.value", hidden, hidden));
  std::vector<float> qkv_bias =
      concatenate(bias("attention.self.query", hidden), bias("attention.self.key", hidden),
                  bias("attention.self.value", hidden));
  return {.qkv = Linear({qkv.data(), 3 * hidden, hidden}, std::move(qkv_bias), precision_, table_),
          .attention_output = linear("attention.output.dense", hidden, hidden),
          .attention_norm = load_norm(loader, prefix + "attention.output.LayerNorm"),
          .intermediate = linear("intermediate.dense", inner, hidden),
          .output = linear("output.dense", hidden, inner),
          .output_norm = load_norm(loader, prefix + "output.LayerNorm")};
}

MatrixView<const float> BertEncoder::forward(const TokenBatch& batch, EncoderWorkspace& workspace,
                                             ThreadPool& pool) const {
  validate(batch);
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
  embed(batch, x, pool);
  for (const Layer& layer : layers_) {
    apply(layer.qkv, x, workspace.qkv.data(), none, nullptr);
    attend(batch, workspace, pool);
    apply(layer.attention_output, workspace.context.data(), y, none, x);
    normalize(layer.attention_norm, y, rows, pool);
    apply(layer.intermediate, y, workspace.feed_forward.data(), kernels::Activation::gelu, nullptr);
    apply(layer.output, workspace.feed_forward.data(), x, none, y);
    normalize(layer.output_norm, x, rows, pool);
  }
  return {x, rows, hidden};
}

void BertEncoder::validate(const TokenBatch& batch) const {
  const auto vocab = static_cast<int64_t>(shape_.vocab_size);
  for (const int32_t id : batch.ids) {
    if (id < 0 || id >= vocab) {
      throw std::invalid_argument("encoding: token id " + std::to_string(id) +
                                  " is outside the encoder's vocabulary of " +
                                  std::to_string(vocab));
    }
  }
  size_t next = 0;
  for (const Sequence& sequence : batch.sequences) {
    if (sequence.length == 0 || sequence.length > config_.max_position_embeddings) {
      throw std::invalid_argument("encoding: a sequence of " + std::to_string(sequence.length) +
                                  " tokens; the encoder takes 1 to " +
                                  std::to_string(config_.max_position_embeddings));
    }
    if (sequence.begin != next || sequence.attended == 0 || sequence.attended > sequence.length) {
      throw std::invalid_argument("encoding: sequences must cover the batch without gaps");
    }
    next += sequence.length;
  }
  if (next != batch.ids.size()) {
    throw std::invalid_argument("encoding: sequences cover " + std::to_string(next) + " of " +
                                std::to_string(batch.ids.size()) + " tokens");
  }
}

// word[id] + position[i] + type[0], layer norm.
void BertEncoder::embed(const TokenBatch& batch, float* out, ThreadPool& pool) const {
  const size_t hidden = config_.hidden_size;
  pool.parallel_for(batch.sequences.size(), [&](size_t s, size_t) {
    const Sequence& sequence = batch.sequences[s];
    for (size_t i = 0; i < sequence.length; ++i) {
      const auto id = static_cast<size_t>(batch.ids[sequence.begin + i]);
      const float* word = word_embeddings_.data() + id * hidden;
      const float* position = position_embeddings_.data() + i * hidden;
      float* row = out + (sequence.begin + i) * hidden;
      for (size_t d = 0; d < hidden; ++d) row[d] = word[d] + position[d];
    }
  });
  normalize(embedding_norm_, out, batch.ids.size(), pool);
}

void BertEncoder::attend(const TokenBatch& batch, EncoderWorkspace& workspace,
                         ThreadPool& pool) const {
  const size_t hidden = config_.hidden_size;
  const size_t heads = config_.num_attention_heads;
  const size_t head_dim = config_.head_dim();
  size_t longest = 0;
  for (const Sequence& sequence : batch.sequences) longest = std::max(longest, sequence.length);
  // One scratch area a worker, each starting on a cache line.
  const size_t scratch = (kernels::attention_scratch_floats(longest, head_dim) + 15) / 16 * 16;
  workspace.attention_scratch.ensure(scratch * pool.concurrency());
  const size_t tasks_per_sequence = (heads + kHeadsPerTask - 1) / kHeadsPerTask;

  // bf16's bound of quality is five times as tight as int8's (docs/decisions/012).
  const auto attention =
      precision_ == Precision::int8 ? table_.attention_bf16 : table_.attention_f32;
  pool.parallel_for(batch.sequences.size() * tasks_per_sequence, [&](size_t task, size_t worker) {
    const Sequence& sequence = batch.sequences[task / tasks_per_sequence];
    const size_t head = task % tasks_per_sequence * kHeadsPerTask;
    attention({.qkv = workspace.qkv.data() + sequence.begin * 3 * hidden,
               .qkv_stride = 3 * hidden,
               .length = sequence.length,
               .attended = sequence.attended,
               .num_heads = heads,
               .head_dim = head_dim,
               .head_begin = head,
               .head_end = std::min(head + kHeadsPerTask, heads),
               .scale = 1.0F / std::sqrt(static_cast<float>(head_dim)),
               .out = workspace.context.data() + sequence.begin * hidden,
               .out_stride = hidden,
               .scratch = workspace.attention_scratch.data() + worker * scratch});
  });
}

void BertEncoder::normalize(const LayerNorm& norm, float* x, size_t rows, ThreadPool& pool) const {
  const size_t hidden = config_.hidden_size;
  for_row_blocks(pool, rows, [&](size_t begin, size_t end) {
    table_.layer_norm(x + begin * hidden, hidden, end - begin, hidden, norm.gamma.data(),
                      norm.beta.data(), config_.layer_norm_eps);
  });
}

}  // namespace maxsimd
