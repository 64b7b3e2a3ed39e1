#include "maxsimd/colbert/colbert.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/colbert/batching.h"
#include "maxsimd/colbert/pooling.h"
#include "maxsimd/colbert/projection.h"
#include "maxsimd/colbert/text_rules.h"

namespace maxsimd {
namespace {

// Texts tokenized and encoded before the next ones are looked at: bounds the memory of token ids.
constexpr size_t kWindowTexts = 8192;

struct Workspace {
  EncoderWorkspace encoder;
  ProjectionWorkspace projection;
  std::vector<TokenId> ids;
  std::vector<Sequence> sequences;
  std::vector<uint8_t> keep;
};

size_t kept_rows(const TokenizedText& text) {
  return static_cast<size_t>(std::count(text.keep.begin(), text.keep.end(), uint8_t{1}));
}

}  // namespace

struct ColBERT::Impl {
  Checkpoint checkpoint;
  Tokenizer tokenizer;
  std::vector<std::string> notes;
  std::unique_ptr<TextRules> rules;
  std::unique_ptr<Encoder> encoder;
  std::unique_ptr<Projection> projection;
  kernels::Isa isa;
  Precision precision;
  mutable ThreadPool pool;

  Impl(const std::filesystem::path& folder, const ColbertOptions& options);

  std::string_view prompt_of(const EncodeOptions& options) const;
  std::vector<TokenizedText> tokenize_all(std::span<const std::string> texts, TextKind kind,
                                          const EncodeOptions& options) const;
  void encode_chunk(std::span<const TokenizedText> texts, size_t first_text,
                    const EncodeOptions& options, Workspace& workspace, float* out) const;
  void pool_documents(Embeddings& all, size_t first, const EncodeOptions& options) const;
};

ColBERT::Impl::Impl(const std::filesystem::path& folder, const ColbertOptions& options)
    : checkpoint(load_checkpoint(folder, options.checkpoint)),
      tokenizer(Tokenizer::load(checkpoint.encoder_folder,
                                {.lowercase_first = checkpoint.settings.do_lower_case})),
      notes(checkpoint.notes),
      isa(options.isa),
      precision(options.precision),
      pool(options.num_threads) {
  // The prefixes may add ids, and the encoder's table must have a row for each.
  const PrefixIds prefixes = add_prefix_tokens(tokenizer, checkpoint.settings, notes);
  encoder = load_encoder(
      checkpoint, {.isa = isa, .precision = precision, .min_vocab_size = tokenizer.vocab_size()});
  notes.insert(notes.end(), encoder->notes().begin(), encoder->notes().end());
  rules = std::make_unique<TextRules>(checkpoint.settings, prefixes, tokenizer,
                                      encoder->shape().max_positions, folder.string(), notes);
  projection = std::make_unique<Projection>(checkpoint.dense, encoder->shape().hidden_size, isa);
}

std::string_view ColBERT::Impl::prompt_of(const EncodeOptions& options) const {
  if (options.prompt) return *options.prompt;
  const ColbertSettings& settings = rules->settings();
  const std::optional<std::string>& name =
      options.prompt_name ? options.prompt_name : settings.default_prompt_name;
  if (!name) return {};
  const auto found = settings.prompts.find(*name);
  if (found != settings.prompts.end()) return found->second;
  std::string known;
  for (const auto& [key, value] : settings.prompts) known += (known.empty() ? "" : ", ") + key;
  throw std::invalid_argument("prompt_name '" + *name + "' is not one of the model's prompts (" +
                              (known.empty() ? "it has none" : known) + ")");
}

std::vector<TokenizedText> ColBERT::Impl::tokenize_all(std::span<const std::string> texts,
                                                       TextKind kind,
                                                       const EncodeOptions& options) const {
  const std::string_view prompt = prompt_of(options);
  std::vector<TokenizedText> out(texts.size());
  constexpr size_t kTextsPerTask = 16;
  pool.parallel_for((texts.size() + kTextsPerTask - 1) / kTextsPerTask, [&](size_t task, size_t) {
    const size_t end = std::min((task + 1) * kTextsPerTask, texts.size());
    for (size_t i = task * kTextsPerTask; i < end; ++i) {
      out[i] = rules->apply(tokenizer, texts[i], prompt, kind, false);
    }
  });
  return out;
}

// Writes the kept rows of the texts to out, one text after another.
void ColBERT::Impl::encode_chunk(std::span<const TokenizedText> texts, size_t first_text,
                                 const EncodeOptions& options, Workspace& workspace,
                                 float* out) const {
  workspace.ids.clear();
  workspace.sequences.clear();
  workspace.keep.clear();
  for (const TokenizedText& text : texts) {
    if (text.ids.empty()) continue;  // a text of no tokens has no rows
    workspace.sequences.push_back({workspace.ids.size(), text.ids.size(), text.num_attended});
    workspace.ids.insert(workspace.ids.end(), text.ids.begin(), text.ids.end());
    workspace.keep.insert(workspace.keep.end(), text.keep.begin(), text.keep.end());
  }
  if (workspace.ids.empty()) return;
  const MatrixView<const float> hidden =
      encoder->forward({workspace.ids, workspace.sequences}, workspace.encoder, pool);
  const MatrixView<float> rows = projection->apply(hidden, workspace.keep, workspace.projection);
  if (options.normalize_embeddings) {
    kernels::kernel_table(isa).normalize_rows(rows.data, rows.cols, rows.rows, rows.cols);
  }
  size_t row = 0;
  for (size_t t = 0; t < texts.size(); ++t) {
    const size_t count = kept_rows(texts[t]);
    const float* begin = rows.data + row * rows.cols;
    if (!std::all_of(begin, begin + count * rows.cols, [](float v) { return std::isfinite(v); })) {
      throw FormatError("encoding text " + std::to_string(first_text + t) +
                        ": a vector is not finite; the model's weights are damaged or overflow");
    }
    row += count;
  }
  std::memcpy(out, rows.data, rows.size() * sizeof(float));
}

void ColBERT::Impl::pool_documents(Embeddings& all, size_t first,
                                   const EncodeOptions& options) const {
  std::vector<std::vector<float>> pooled(all.size() - first);
  pool.parallel_for(pooled.size(), [&](size_t i, size_t) {
    pooled[i] = pool_rows(all.matrix(first + i), options.pool_factor, options.protected_tokens);
  });
  all.offsets.resize(first + 1);
  all.values.resize(all.num_tokens() * all.dim);
  for (const std::vector<float>& rows : pooled) {
    all.append({rows.data(), rows.size() / all.dim, all.dim});
  }
}

ColBERT::ColBERT(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ColBERT::ColBERT(ColBERT&&) noexcept = default;
ColBERT& ColBERT::operator=(ColBERT&&) noexcept = default;
ColBERT::~ColBERT() = default;

ColBERT ColBERT::load(const std::filesystem::path& folder, const ColbertOptions& options) {
  return ColBERT(std::make_unique<Impl>(folder, options));
}

Embeddings ColBERT::encode_queries(std::span<const std::string> texts,
                                   const EncodeOptions& options) const {
  return encode(texts, TextKind::query, options);
}

Embeddings ColBERT::encode_documents(std::span<const std::string> texts,
                                     const EncodeOptions& options) const {
  return encode(texts, TextKind::document, options);
}

Embeddings ColBERT::encode(std::span<const std::string> texts, TextKind kind,
                           const EncodeOptions& options) const {
  if (options.pool_factor == 0) {
    throw std::invalid_argument("pool_factor: expected at least 1, got 0");
  }
  const size_t num_threads = impl_->pool.num_threads();
  std::vector<Workspace> workspaces(num_threads);
  Embeddings out;
  out.dim = dim();
  std::mutex progress_mutex;
  size_t done = 0;

  for (size_t window = 0; window < texts.size(); window += kWindowTexts) {
    const auto batch = texts.subspan(window, std::min(kWindowTexts, texts.size() - window));
    const std::vector<TokenizedText> tokenized = impl_->tokenize_all(batch, kind, options);
    std::vector<size_t> lengths;
    lengths.reserve(tokenized.size());
    for (const TokenizedText& text : tokenized) {
      lengths.push_back(text.ids.size());
      out.offsets.push_back(out.offsets.back() + kept_rows(text));
    }
    out.values.resize(out.num_tokens() * out.dim);
    const std::vector<Chunk> chunks = cut_into_chunks(lengths, num_threads);
    impl_->pool.parallel_for(chunks.size(), [&](size_t c, size_t worker) {
      const Chunk& chunk = chunks[c];
      const std::span<const TokenizedText> part(tokenized.data() + chunk.begin,
                                                chunk.end - chunk.begin);
      float* rows = out.values.data() + out.offsets[window + chunk.begin] * out.dim;
      impl_->encode_chunk(part, window + chunk.begin, options, workspaces[worker], rows);
      if (!options.progress) return;
      const std::lock_guard lock(progress_mutex);
      done += part.size();
      options.progress(done, texts.size());
    });
    if (kind == TextKind::document && options.pool_factor > 1) {
      impl_->pool_documents(out, window, options);
    }
  }
  return out;
}

TokenizedText ColBERT::tokenize(std::string_view text, TextKind kind,
                                const EncodeOptions& options) const {
  return impl_->rules->apply(impl_->tokenizer, text, impl_->prompt_of(options), kind, true);
}

std::vector<RowDescription> ColBERT::describe_rows(std::string_view text, TextKind kind,
                                                   const EncodeOptions& options) const {
  const TokenizedText tokenized = tokenize(text, kind, options);
  std::vector<RowDescription> out;
  for (size_t i = 0; i < tokenized.ids.size(); ++i) {
    if (tokenized.keep[i] == 0) continue;
    const TokenId id = tokenized.ids[i];
    out.push_back({id, impl_->tokenizer.id_to_token(id).value_or(""), tokenized.offsets[i]});
  }
  return out;
}

size_t ColBERT::dim() const {
  return impl_->projection->out_features();
}
const ColbertSettings& ColBERT::settings() const {
  return impl_->rules->settings();
}
const Checkpoint& ColBERT::checkpoint() const {
  return impl_->checkpoint;
}
const Tokenizer& ColBERT::tokenizer() const {
  return impl_->tokenizer;
}
const EncoderShape& ColBERT::encoder_shape() const {
  return impl_->encoder->shape();
}
kernels::Isa ColBERT::isa() const {
  return impl_->isa;
}
Precision ColBERT::precision() const {
  return impl_->precision;
}
ThreadPool& ColBERT::pool() const {
  return impl_->pool;
}
const std::vector<std::string>& ColBERT::notes() const {
  return impl_->notes;
}

}  // namespace maxsimd
