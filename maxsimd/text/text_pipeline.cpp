#include "maxsimd/text/text_pipeline.h"

#include <limits>
#include <stdexcept>
#include <utility>

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
  if (is_bert && !parts_.lowercase_first) bert_.emplace(*parts_.normalizer->bert());
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
    if (bert_ && content_fast(text, wanted, content)) return content;
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
  Content content =
      get_content({options.with_offsets, side == TruncationSide::right ? keep : SIZE_MAX});
  truncate(content.ids, keep, side);
  truncate(content.offsets, keep, side);

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
      content.ids.push_back(*part.id);
      if (wanted.offsets) content.offsets.push_back(whole.origin(part.span));
    } else {
      section_simply(whole.slice(part.span), wanted, content);
    }
  }
  return content;
}

void TextPipeline::section_simply(NormalizedText section, const Wanted& wanted,
                                  Content& out) const {
  if (parts_.normalizer) parts_.normalizer->apply(section);
  std::vector<AddedTokenMatch> pieces;
  added_.normalized().cut(section.text(), pieces);
  std::vector<TextToken> tokens;
  for (const AddedTokenMatch& piece : pieces) {
    if (piece.id) {
      tokens.push_back({*piece.id, piece.span});
      continue;
    }
    std::vector<TextSpan> words;
    const std::string_view text =
        section.text().substr(piece.span.begin, piece.span.end - piece.span.begin);
    if (parts_.pre_tokenizer) {
      parts_.pre_tokenizer->split(text, words);
    } else {
      words.push_back({0, text.size()});
    }
    for (const TextSpan& word : words) {
      model().tokenize(section.text(), {piece.span.begin + word.begin, piece.span.begin + word.end},
                       tokens);
    }
  }
  for (const TextToken& token : tokens) {
    out.ids.push_back(token.id);
    if (wanted.offsets) out.offsets.push_back(section.origin(token.span));
  }
}

bool TextPipeline::content_fast(std::string_view text, const Wanted& wanted, Content& out) const {
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
    } else if (!section_fast(text, part.span, wanted, normalized, out)) {
      return false;
    }
  }
  return true;
}

bool TextPipeline::section_fast(std::string_view text, TextSpan section, const Wanted& wanted,
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
      bert_->tokenize(normalized.text, piece.span, model(), enough, tokens);
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
