#include "maxsimd/colbert/text_rules.h"

#include <algorithm>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/strip.h"

namespace maxsimd {
namespace {

// The id of a prefix, added to the tokenizer; none for a prefix-free model ("").
std::optional<TokenId> add_prefix(Tokenizer& tokenizer, const std::string& prefix,
                                  std::vector<std::string>& notes) {
  if (prefix.empty()) return std::nullopt;
  if (!tokenizer.token_to_id(prefix)) {
    notes.push_back("prefix '" + prefix + "' is not in the vocabulary: added as id " +
                    std::to_string(tokenizer.vocab_size()) +
                    "; its embedding is the mean of all others until the model is trained");
  }
  return tokenizer.add_tokens({prefix}).front();
}

// PyLate puts the prefix into the second place whatever comes first, here an expansion token.
[[noreturn]] void refuse_empty_query() {
  throw FormatError(
      "encoding a query of no tokens: the tokenizer adds none to it (post_processor of "
      "tokenizer.json), so that its prefix would stand behind an expansion token, which is not "
      "supported; leave the query out");
}

}  // namespace

PrefixIds add_prefix_tokens(Tokenizer& tokenizer, const ColbertSettings& settings,
                            std::vector<std::string>& notes) {
  PrefixIds out;
  out.query = add_prefix(tokenizer, settings.query_prefix, notes);
  out.document = add_prefix(tokenizer, settings.document_prefix, notes);
  return out;
}

std::string_view chosen_prompt(const ColbertSettings& settings, TextKind kind,
                               const EncodeOptions& options) {
  if (options.prompt) return *options.prompt;
  const std::optional<std::string>& of_kind = kind == TextKind::query
                                                  ? settings.multi_vector.query_prompt
                                                  : settings.multi_vector.document_prompt;
  if (of_kind && !options.prompt_name) return *of_kind;
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

TextRules::TextRules(ColbertSettings settings, const PrefixIds& prefixes,
                     const Tokenizer& tokenizer, size_t max_positions, const std::string& where,
                     std::vector<std::string>& notes)
    : settings_(std::move(settings)) {
  clamp_length(settings_.query_length, "query_length", max_positions, notes);
  clamp_length(settings_.document_length, "document_length", max_positions, notes);
  if (!settings_.do_query_expansion) settings_.attend_to_expansion_tokens = false;
  query_ = make_frame(TextKind::query, prefixes.query);
  document_ = make_frame(TextKind::document, prefixes.document);
  check_length(tokenizer, query_, "query_length", where);
  check_length(tokenizer, document_, "document_length", where);
  if (query_.expanded > 0) resolve_expansion(tokenizer, where);
  resolve_skiplist(tokenizer);
}

void TextRules::resolve_expansion(const Tokenizer& tokenizer, const std::string& where) {
  const std::optional<std::string>& given = settings_.multi_vector.expansion_token;
  const auto expansion = given ? tokenizer.token_to_id(*given) : tokenizer.expansion_id();
  if (given && !expansion) {
    throw FormatError(where + ": query expansion wants the token '" + *given +
                      "', which the tokenizer does not have");
  }
  if (!expansion) {
    throw FormatError(where +
                      ": query expansion needs a mask, eos or pad token and the tokenizer "
                      "has none; set do_query_expansion to false");
  }
  expansion_id_ = *expansion;
}

TextRules::Frame TextRules::make_frame(TextKind kind, std::optional<TokenId> prefix) const {
  const bool is_query = kind == TextKind::query;
  const MultiVectorSettings& own = settings_.multi_vector;
  const size_t length = is_query ? settings_.query_length : settings_.document_length;
  const bool expands = is_query && settings_.do_query_expansion;
  return {.prefix = prefix,
          .length = length,
          .expanded = expands ? std::min(own.expansion_length.value_or(length), length) : 0,
          .skip = is_query ? own.skip_in_queries : own.skip_in_documents};
}

void TextRules::clamp_length(size_t& length, const char* name, size_t max_positions,
                             std::vector<std::string>& notes) const {
  if (length <= max_positions) return;
  notes.push_back(std::string(name) + " " + std::to_string(length) +
                  " is more than the encoder's " + std::to_string(max_positions) +
                  " positions: clamped");
  length = max_positions;
}

void TextRules::check_length(const Tokenizer& tokenizer, const Frame& frame, const char* name,
                             const std::string& where) const {
  const size_t smallest = tokenizer.encode("").ids.size() + (frame.prefix ? 1 : 0);
  if (frame.length >= smallest && frame.length > 0) return;
  throw FormatError(where + ": " + name + " is " + std::to_string(frame.length) +
                    "; the special tokens and the prefix alone need " + std::to_string(smallest));
}

void TextRules::resolve_skiplist(const Tokenizer& tokenizer) {
  skip_.assign(tokenizer.vocab_size(), 0);
  for (const std::string& word : settings_.skiplist_words) {
    // As PyLate: a word that is not in the vocabulary stands for the UNK id.
    auto id = tokenizer.token_to_id(word);
    if (!id) id = tokenizer.unk_id();
    if (id) skip_[static_cast<size_t>(*id)] = 1;
  }
}

TokenizedText TextRules::apply(const Tokenizer& tokenizer, std::string_view text,
                               std::string_view prompt, TextKind kind, bool with_offsets) const {
  const Frame& frame = kind == TextKind::query ? query_ : document_;
  std::string joined;
  std::string_view whole = text;
  if (!prompt.empty()) {
    joined.append(prompt).append(text);
    whole = joined;
  }
  const std::string_view stripped =
      settings_.multi_vector.strip_texts ? strip_whitespace(whole) : whole;
  Encoding encoding = tokenizer.encode(
      stripped,
      {.with_offsets = with_offsets, .max_length = frame.length - (frame.prefix ? 1 : 0)});
  TokenizedText out;
  out.ids = std::move(encoding.ids);
  out.offsets = std::move(encoding.offsets);
  const auto shift =
      static_cast<int64_t>(stripped.data() - whole.data()) - static_cast<int64_t>(prompt.size());
  for (ByteRange& range : out.offsets) {
    if (range.begin == range.end) continue;
    const int64_t end = std::max<int64_t>(range.end + shift, 0);
    const int64_t begin = std::max<int64_t>(range.begin + shift, 0);
    range = end == 0 ? ByteRange{}
                     : ByteRange{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }
  if (frame.prefix && out.ids.empty() && frame.expanded > 0) refuse_empty_query();
  if (frame.prefix) {
    const auto at = static_cast<std::ptrdiff_t>(std::min<size_t>(1, out.ids.size()));
    out.ids.insert(out.ids.begin() + at, *frame.prefix);
    if (with_offsets) out.offsets.insert(out.offsets.begin() + at, ByteRange{});
  }
  out.num_real = out.ids.size();
  out.max_length = frame.length;
  if (out.ids.size() < frame.expanded) {
    out.ids.resize(frame.expanded, expansion_id_);
    if (with_offsets) out.offsets.resize(frame.expanded);
  }
  const bool attend_all = kind == TextKind::query && settings_.attend_to_expansion_tokens;
  // A text of nothing but expansion tokens has no real key; its rows then attend to each other.
  out.num_attended = attend_all || out.num_real == 0 ? out.ids.size() : out.num_real;
  out.keep.assign(out.ids.size(), 1);
  if (frame.skip) {
    for (size_t i = 0; i < out.ids.size(); ++i) {
      out.keep[i] = skip_[static_cast<size_t>(out.ids[i])] == 0;
    }
  }
  return out;
}

}  // namespace maxsimd
