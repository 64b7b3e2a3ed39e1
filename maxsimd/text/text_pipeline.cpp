#include "maxsimd/text/text_pipeline.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/utf8.h"
#include "maxsimd/text/word_piece.h"

namespace maxsimd {
namespace {

// Keeps `keep` elements of one end.
template <class T>
void truncate(std::vector<T>& values, size_t keep, TruncationSide side) {
  if (values.size() <= keep) return;
  if (side == TruncationSide::left) {
    values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(keep));
  } else {
    values.resize(keep);
  }
}

}  // namespace

TextPipeline::TextPipeline(TextPipelineParts parts) : parts_(std::move(parts)) {
  const bool is_bert = parts_.normalizer && parts_.normalizer->bert() != nullptr &&
                       parts_.pre_tokenizer && parts_.pre_tokenizer->is_bert();
  const bool is_dense = static_cast<size_t>(model().max_id()) < 2 * model().size();
  if (!parts_.post_processor.trims().empty() && is_dense) {
    for (TokenId id = 0; id <= model().max_id(); ++id) {
      spaces_by_id_.push_back(spaces_of(model().id_to_token(id).value_or(std::string_view())));
    }
  }
  word_piece_ = dynamic_cast<const WordPiece*>(parts_.model.get());
  if (parts_.lowercase_first) return;
  if (is_bert && word_piece_ != nullptr && parts_.post_processor.trims().empty()) {
    bert_.emplace(*parts_.normalizer->bert());
  }
  if (!model().names_tokens_by_text() || parts_.post_processor.trims().empty()) {
    fast_words_ = make_fast_words(parts_.pre_tokenizer.get(), model());
  }
}

std::optional<TokenId> TextPipeline::token_to_id(std::string_view token) const {
  const auto added = added_.token_to_id(token);
  return added ? added : model().token_to_id(token);
}

std::vector<std::optional<TokenId>> TextPipeline::add_tokens(
    const std::vector<AddedToken>& tokens) {
  return added_.add(
      tokens, [this](std::string_view token) { return model().token_to_id(token); }, model().size(),
      [this](std::string_view content) {
        NormalizedText normalized(content);
        if (parts_.normalizer) parts_.normalizer->apply(normalized);
        return std::string(normalized.text());
      });
}

Encoding TextPipeline::encode(std::string_view text, const EncodeTextOptions& options) const {
  return frame(text, options, [this, text](const Wanted& wanted) {
    Content content;
    if (bert_ && content_bert(text, wanted, content)) return content;
    if (fast_words_ && content_fast(text, wanted, content)) return content;
    return content_simply(text, wanted);
  });
}

Encoding TextPipeline::encode_simply(std::string_view text,
                                     const EncodeTextOptions& options) const {
  return frame(text, options,
               [this, text](const Wanted& wanted) { return content_simply(text, wanted); });
}

template <class GetContent>
Encoding TextPipeline::frame(std::string_view text, const EncodeTextOptions& options,
                             GetContent get_content) const {
  if (text.size() >= std::numeric_limits<uint32_t>::max()) {
    throw std::invalid_argument("cannot tokenize a text of " + std::to_string(text.size()) +
                                " bytes: the limit is 4 GiB; split it");
  }
  const size_t num_special = options.add_special_tokens ? parts_.post_processor.num_special() : 0;
  if (options.max_length && *options.max_length < num_special) {
    throw std::invalid_argument("max_length " + std::to_string(*options.max_length) +
                                " leaves no room for the " + std::to_string(num_special) +
                                " special tokens; it must be at least that");
  }
  const TruncationSide side = options.truncation_side.value_or(parts_.truncation_side);
  const size_t keep = options.max_length ? *options.max_length - num_special : SIZE_MAX;
  const bool trims = options.with_offsets && !parts_.post_processor.trims().empty();
  Content content =
      get_content({options.with_offsets, trims, side == TruncationSide::right ? keep : SIZE_MAX});
  truncate(content.ids, keep, side);
  truncate(content.offsets, keep, side);
  truncate(content.spaces, keep, side);
  if (trims) {
    for (const TrimStep& step : parts_.post_processor.trims()) {
      trim_offsets(text, step, content.spaces, content.offsets);
    }
  }

  Encoding encoding;
  encoding.ids.reserve(content.ids.size() + num_special);
  for (const FramePiece& piece : parts_.post_processor.pieces()) {
    if (!piece.is_text && !options.add_special_tokens) continue;
    const std::vector<TokenId>& ids = piece.is_text ? content.ids : piece.special;
    encoding.ids.insert(encoding.ids.end(), ids.begin(), ids.end());
    if (!options.with_offsets) continue;
    if (piece.is_text) {
      encoding.offsets.insert(encoding.offsets.end(), content.offsets.begin(),
                              content.offsets.end());
    } else {
      encoding.offsets.resize(encoding.ids.size());
    }
  }
  return encoding;
}

TextPipeline::Content TextPipeline::content_simply(std::string_view text,
                                                   const Wanted& wanted) const {
  NormalizedText whole(text);
  if (parts_.lowercase_first) lowercase_like_python(whole);
  std::vector<AddedTokenMatch> parts;
  added_.raw().cut(whole.text(), parts);
  Content content;
  for (const AddedTokenMatch& part : parts) {
    if (part.id) {
      append_added(whole, part, wanted, content);
    } else {
      section_simply(whole.slice(part.span), wanted, content);
    }
  }
  return content;
}

void TextPipeline::section_simply(NormalizedText section, const Wanted& wanted,
                                  Content& out) const {
  if (parts_.normalizer) parts_.normalizer->apply(section);
  std::vector<AddedTokenMatch> matches;
  added_.normalized().cut(section.text(), matches);
  for (const AddedTokenMatch& match : matches) {
    if (match.id) {
      append_added(section, match, wanted, out);
      continue;
    }
    std::vector<NormalizedText> pieces(1, section.slice(match.span));
    if (parts_.pre_tokenizer) parts_.pre_tokenizer->apply(pieces);
    for (const NormalizedText& piece : pieces) append_model_tokens(piece, wanted, out);
  }
}

void TextPipeline::append_added(const NormalizedText& section, const AddedTokenMatch& match,
                                const Wanted& wanted, Content& out) const {
  out.ids.push_back(*match.id);
  if (wanted.offsets) out.offsets.push_back(section.origin(match.span));
  if (wanted.spaces) {
    out.spaces.push_back(
        spaces_of(section.text().substr(match.span.begin, match.span.end - match.span.begin)));
  }
}

void TextPipeline::append_model_tokens(const NormalizedText& piece, const Wanted& wanted,
                                       Content& out) const {
  std::vector<TextToken> tokens;
  model().tokenize(piece.text(), {0, piece.text().size()}, tokens);
  for (const TextToken& token : tokens) {
    out.ids.push_back(token.id);
    if (wanted.offsets) out.offsets.push_back(piece.origin(token.span));
    if (!wanted.spaces) continue;
    out.spaces.push_back(
        model().names_tokens_by_text()
            ? spaces_of(piece.text().substr(token.span.begin, token.span.end - token.span.begin))
            : spaces_of_id(token.id));
  }
}

TokenSpaces TextPipeline::spaces_of_id(TokenId id) const {
  if (static_cast<size_t>(id) < spaces_by_id_.size()) return spaces_by_id_[static_cast<size_t>(id)];
  return spaces_of(model().id_to_token(id).value_or(std::string_view()));
}

// Declines texts that are not well-formed UTF-8.
bool TextPipeline::content_fast(std::string_view text, const Wanted& wanted, Content& out) const {
  if (find_invalid_utf8(text)) return false;
  std::vector<AddedTokenMatch> parts;
  added_.raw().cut(text, parts);
  for (const AddedTokenMatch& part : parts) {
    if (out.ids.size() >= wanted.enough) break;
    const std::string_view original = text.substr(part.span.begin, part.span.end - part.span.begin);
    if (part.id) {
      out.ids.push_back(*part.id);
      if (wanted.offsets) {
        out.offsets.push_back(
            {static_cast<uint32_t>(part.span.begin), static_cast<uint32_t>(part.span.end)});
      }
      if (wanted.spaces) out.spaces.push_back(spaces_of(original));
    } else if (!parts_.normalizer || parts_.normalizer->keeps(original)) {
      pieces_fast(FastSection(original, part.span.begin), wanted, out);
    } else {
      NormalizedText normalized(original, part.span.begin);
      parts_.normalizer->apply(normalized);
      pieces_fast(FastSection(normalized), wanted, out);
    }
  }
  return true;
}

void TextPipeline::pieces_fast(const FastSection& section, const Wanted& wanted,
                               Content& out) const {
  std::vector<AddedTokenMatch> pieces;
  added_.normalized().cut(section.text(), pieces);
  FastOutput output{out.ids, wanted.offsets ? &out.offsets : nullptr, wanted.enough};
  for (const AddedTokenMatch& piece : pieces) {
    if (out.ids.size() >= wanted.enough) break;
    if (!piece.id) {
      fast_words_->tokenize(section, piece.span, output);
      if (!wanted.spaces) continue;
      while (out.spaces.size() < out.ids.size()) {
        out.spaces.push_back(spaces_of_id(out.ids[out.spaces.size()]));
      }
      continue;
    }
    out.ids.push_back(*piece.id);
    if (wanted.offsets) out.offsets.push_back(section.origin(piece.span.begin, piece.span.end));
    if (wanted.spaces) {
      out.spaces.push_back(
          spaces_of(section.text().substr(piece.span.begin, piece.span.end - piece.span.begin)));
    }
  }
}

bool TextPipeline::content_bert(std::string_view text, const Wanted& wanted, Content& out) const {
  std::vector<AddedTokenMatch> parts;
  added_.raw().cut(text, parts);
  BertText::Output normalized;
  for (const AddedTokenMatch& part : parts) {
    if (out.ids.size() >= wanted.enough) break;
    if (part.id) {
      out.ids.push_back(*part.id);
      if (wanted.offsets) {
        out.offsets.push_back(
            {static_cast<uint32_t>(part.span.begin), static_cast<uint32_t>(part.span.end)});
      }
    } else if (!section_bert(text, part.span, wanted, normalized, out)) {
      return false;
    }
  }
  return true;
}

bool TextPipeline::section_bert(std::string_view text, TextSpan section, const Wanted& wanted,
                                BertText::Output& normalized, Content& out) const {
  const std::string_view original = text.substr(section.begin, section.end - section.begin);
  if (!bert_->normalize(original, section.begin, wanted.offsets, normalized)) return false;
  std::vector<AddedTokenMatch> pieces;
  added_.normalized().cut(normalized.text, pieces);
  std::vector<TextToken> tokens;
  tokens.reserve(normalized.text.size() / 4 + 1);
  const size_t enough = wanted.enough - out.ids.size();
  for (const AddedTokenMatch& piece : pieces) {
    if (tokens.size() >= enough) break;
    if (piece.id) {
      tokens.push_back({*piece.id, piece.span});
    } else {
      bert_->tokenize(normalized.text, piece.span, *word_piece_, enough, tokens);
    }
  }
  for (const TextToken& token : tokens) {
    out.ids.push_back(token.id);
    if (!wanted.offsets) continue;
    out.offsets.push_back(
        {normalized.origins[token.span.begin].begin, normalized.origins[token.span.end - 1].end});
  }
  return true;
}

}  // namespace maxsimd
