#include "maxsimd/colbert/colbert.h"

#include <algorithm>

#include "maxsimd/colbert/projection.h"
#include "maxsimd/colbert/text_rules.h"
#include "maxsimd/colbert/window_encoder.h"

namespace maxsimd {
namespace {

// Texts tokenized while the ones before them are encoded: bounds the memory of token ids.
constexpr size_t kWindowTexts = 8192;

}  // namespace

struct ColBERT::Impl {
  Checkpoint checkpoint;
  Tokenizer tokenizer;
  std::vector<std::string> notes;
  TokenRows token_rows;
  std::unique_ptr<TextRules> rules;
  std::unique_ptr<Encoder> encoder;
  std::unique_ptr<Projection> projection;
  kernels::Isa isa;
  Precision precision;
  mutable ThreadPool pool;

  Impl(Checkpoint loaded, const ColbertOptions& options);
};

ColBERT::Impl::Impl(Checkpoint loaded, const ColbertOptions& options)
    : checkpoint(std::move(loaded)),
      tokenizer(Tokenizer::load(checkpoint.encoder_folder,
                                {.lowercase_first = checkpoint.settings.do_lower_case})),
      notes(checkpoint.notes),
      isa(options.isa),
      precision(options.precision),
      pool(options.num_threads) {
  notes.insert(notes.end(), tokenizer.notes().begin(), tokenizer.notes().end());
  // The prefixes may add ids, and the encoder's table must have a row for each.
  const size_t known = tokenizer.vocab_size();
  const PrefixIds prefixes = add_prefix_tokens(tokenizer, checkpoint.settings, notes);
  token_rows = {.count = tokenizer.vocab_size(), .num_added = tokenizer.vocab_size() - known};
  encoder =
      load_encoder(checkpoint, {.isa = isa, .precision = precision, .token_rows = token_rows});
  checkpoint.weights.release();  // the encoder has them in its own form
  notes.insert(notes.end(), encoder->notes().begin(), encoder->notes().end());
  rules = std::make_unique<TextRules>(checkpoint.settings, prefixes, tokenizer,
                                      encoder->shape().max_positions, checkpoint.folder.string(),
                                      notes);
  // A folder written from this model says the lengths that it has, not those it was asked for.
  checkpoint.settings.query_length = rules->settings().query_length;
  checkpoint.settings.document_length = rules->settings().document_length;
  projection = std::make_unique<Projection>(checkpoint.dense, encoder->shape().hidden_size, isa);
}

ColBERT::ColBERT(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ColBERT::ColBERT(ColBERT&&) noexcept = default;
ColBERT& ColBERT::operator=(ColBERT&&) noexcept = default;
ColBERT::~ColBERT() = default;

ColBERT ColBERT::load(const std::filesystem::path& folder, const ColbertOptions& options) {
  return from_weights(load_checkpoint(folder, options.checkpoint), options);
}

ColBERT ColBERT::from_weights(Checkpoint checkpoint, const ColbertOptions& options) {
  return ColBERT(std::make_unique<Impl>(std::move(checkpoint), options));
}

EncodingParts ColBERT::parts() const {
  return {.tokenizer = impl_->tokenizer,
          .rules = *impl_->rules,
          .encoder = *impl_->encoder,
          .projection = *impl_->projection,
          .isa = impl_->isa,
          .pool = impl_->pool};
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
  std::function<void(size_t)> on_done;
  if (options.progress) on_done = [&](size_t done) { options.progress(done, texts.size()); };
  WindowEncoder encoder(parts(), kind, options, on_done);
  const auto window = [&](size_t begin) {
    begin = std::min(begin, texts.size());
    return texts.subspan(begin, std::min(kWindowTexts, texts.size() - begin));
  };
  Embeddings out;
  out.dim = dim();
  std::vector<TokenizedText> tokenized = encoder.encode({}, out, window(0));
  for (size_t begin = 0; begin < texts.size(); begin += kWindowTexts) {
    tokenized = encoder.encode(tokenized, out, window(begin + kWindowTexts));
  }
  return out;
}

TokenizedText ColBERT::tokenize(std::string_view text, TextKind kind,
                                const EncodeOptions& options) const {
  return impl_->rules->apply(impl_->tokenizer, text, chosen_prompt(settings(), kind, options), kind,
                             true);
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
const TokenRows& ColBERT::token_rows() const {
  return impl_->token_rows;
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
