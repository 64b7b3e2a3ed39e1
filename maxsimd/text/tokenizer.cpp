#include "maxsimd/text/tokenizer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/text/text_pipeline.h"
#include "maxsimd/text/tokenizer_file.h"

namespace maxsimd {

struct Tokenizer::Impl {
  std::string json;  // the tokenizer.json text it was made of
  std::string where;
  TextPipeline pipeline;
  SpecialTokenNames names;
  TokenizerOverrides overrides;
  bool has_config = false;       // `names` are all there are: no guesses
  std::string unknown_defaults;  // a class that may name tokens by itself; "" = none
  bool differs_from_file = false;
  std::vector<std::string> notes;

  // The token that the model folder or the class names; where nothing says what the tokenizer is,
  // the first of the usual ones that exists.
  std::optional<TokenId> special_id(const std::optional<std::string>& name,
                                    std::initializer_list<const char*> usual) const {
    if (name) return pipeline.token_to_id(*name);
    if (has_config) return std::nullopt;
    for (const char* token : usual) {
      if (const auto id = pipeline.token_to_id(token)) return id;
    }
    return std::nullopt;
  }
};

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::load(const std::filesystem::path& folder,
                          const TokenizerLoadOptions& options) {
  const std::filesystem::path json = folder / "tokenizer.json";
  const std::filesystem::path vocabulary = folder / "vocab.txt";
  if (!std::filesystem::exists(json) && !std::filesystem::exists(vocabulary)) {
    throw IoError(folder.string() +
                  ": no tokenizer: expected tokenizer.json or vocab.txt in the model folder");
  }
  const TokenizerConfig config = read_tokenizer_config(folder);
  const TokenizerFileOptions file_options = {.lowercase_first = options.lowercase_first,
                                             .config = &config,
                                             .has_its_tokens = !std::filesystem::exists(json)};
  if (file_options.has_its_tokens) {
    return parse(tokenizer_json_from_vocabulary(folder, config), vocabulary.string(), file_options);
  }
  return parse(MappedFile::open(json).text(), json.string(), file_options);
}

Tokenizer Tokenizer::from_json(std::string_view json, const std::string& where,
                               const TokenizerLoadOptions& options) {
  return parse(json, where, {.lowercase_first = options.lowercase_first});
}

Tokenizer Tokenizer::parse(std::string_view json, const std::string& where,
                           const TokenizerFileOptions& options) {
  const TokenizerConfig* config = options.config;
  TokenizerFile file = read_tokenizer_json(json, where, options);
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);  // written files have none
  SpecialTokenNames names = config == nullptr ? SpecialTokenNames{} : config->names;
  const bool has_config = config != nullptr && config->tokenizer_class.is_known();
  const bool is_unknown = has_config && config->tokenizer_class.family == TokenizerFamily::unknown;
  const bool pads_as_block = has_config && config->tokens.pad_place.has_value();
  if (pads_as_block && file.padding_token) names.pad = file.padding_token;
  return Tokenizer(std::make_unique<Impl>(
      Impl{.json = std::string(json),
           .where = where,
           .pipeline = std::move(file.pipeline),
           .names = std::move(names),
           .overrides = config == nullptr ? TokenizerOverrides{} : config->overrides,
           .has_config = has_config,
           .unknown_defaults = is_unknown ? config->tokenizer_class.title() : "",
           .differs_from_file = file.is_changed,
           .notes = std::move(file.notes)}));
}

Encoding Tokenizer::encode(std::string_view text, const EncodeTextOptions& options) const {
  return impl_->pipeline.encode(text, options);
}

std::optional<TokenId> Tokenizer::token_to_id(std::string_view token) const {
  return impl_->pipeline.token_to_id(token);
}

std::optional<std::string> Tokenizer::id_to_token(TokenId id) const {
  if (const AddedToken* added = impl_->pipeline.added().find(id)) return added->content;
  const auto token = impl_->pipeline.model().id_to_token(id);
  return token ? std::optional(std::string(*token)) : std::nullopt;
}

size_t Tokenizer::vocab_size() const {
  const auto& added = impl_->pipeline.added().tokens();
  TokenId last =
      std::max(impl_->pipeline.model().max_id(), impl_->pipeline.post_processor().max_id());
  if (!added.empty()) last = std::max(last, added.back().id);
  return static_cast<size_t>(last) + 1;
}

std::optional<TokenId> Tokenizer::unk_id() const {
  if (impl_->names.unk) {
    if (const auto id = impl_->pipeline.token_to_id(*impl_->names.unk)) return id;
  }
  return impl_->pipeline.model().unk_id();
}

std::optional<TokenId> Tokenizer::mask_id() const {
  return impl_->special_id(impl_->names.mask, {"[MASK]", "<mask>"});
}

std::optional<TokenId> Tokenizer::expansion_id() const {
  const auto id = mask_id();
  if (!id && !impl_->names.mask && !impl_->unknown_defaults.empty()) {
    throw FormatError(impl_->where +
                      ": no file names a \"mask_token\", which queries are filled up "
                      "with, and a " +
                      impl_->unknown_defaults +
                      " may have one by itself; write it into tokenizer_config.json");
  }
  if (id) return id;
  const auto eos = eos_id();
  return eos ? eos : pad_id();
}

std::optional<TokenId> Tokenizer::pad_id() const {
  return impl_->special_id(impl_->names.pad, {"[PAD]", "<pad>"});
}

std::optional<TokenId> Tokenizer::eos_id() const {
  return impl_->special_id(impl_->names.eos, {"</s>"});
}

std::vector<TokenId> Tokenizer::add_tokens(const std::vector<std::string>& tokens) {
  std::vector<AddedToken> added;
  for (const std::string& content : tokens) {
    if (content.empty()) throw std::invalid_argument("cannot add an empty token to a tokenizer");
    AddedToken token;
    token.content = content;
    added.push_back(std::move(token));
  }
  std::vector<TokenId> ids;
  for (const auto& id : impl_->pipeline.add_tokens(added)) ids.push_back(id.value());
  return ids;
}

bool Tokenizer::differs_from_file() const {
  return impl_->differs_from_file;
}

const std::vector<std::string>& Tokenizer::notes() const {
  return impl_->notes;
}

std::string Tokenizer::to_json() const {
  return replace_added_tokens(impl_->json, impl_->where, impl_->pipeline.added().tokens(),
                              impl_->overrides);
}

}  // namespace maxsimd
