#include "maxsimd/text/fast_words.h"

#include <array>
#include <utility>

#include "maxsimd/text/bpe.h"
#include "maxsimd/text/byte_level.h"
#include "maxsimd/text/scratch_pool.h"
#include "maxsimd/text/unicode/code_points.h"
#include "maxsimd/text/unigram.h"
#include "maxsimd/text/word_cache.h"

namespace maxsimd {
namespace {

// Bytes that occur in no well-formed UTF-8.
constexpr bool never_occurs(size_t byte) {
  return byte == 0xC0 || byte == 0xC1 || byte >= 0xF5;
}

using ByteIds = std::array<int32_t, 256>;

// The tokens of all bytes, or nothing if a byte has none.
std::optional<ByteIds> ids_of_bytes(const Bpe& model) {
  ByteIds ids{};
  for (size_t byte = 0; byte < ids.size(); ++byte) {
    std::string token;
    append_utf8(token, byte_level_alphabet()[byte]);
    const auto id = model.token_to_id(token);
    if (!id && !never_occurs(byte)) return std::nullopt;
    ids[byte] = id.value_or(0);
  }
  return ids;
}

// ByteLevel, then BPE, without writing the text in the byte-level alphabet.
class ByteLevelWords final : public FastWords {
 public:
  ByteLevelWords(const ByteLevelPlan& plan, const Bpe& model, const ByteIds& byte_ids)
      : plan_(plan), model_(model), byte_ids_(byte_ids) {}

  void tokenize(const FastSection& section, TextSpan piece, FastOutput& out) const override {
    const auto scratch = scratch_.take();
    const std::string_view text = section.text().substr(piece.begin, piece.end - piece.begin);
    if (!plan_.splitters.empty()) {
      split(text, *scratch);
      for (const TextSpan& part : scratch->parts) {
        tokenize(
            {section, text.substr(part.begin, part.end - part.begin), piece.begin + part.begin, 0},
            *scratch, out);
        if (out.ids.size() >= out.enough) return;
      }
    } else if (plan_.add_prefix_space && !text.starts_with(' ')) {
      scratch->spaced.assign(1, ' ').append(text);
      tokenize({section, scratch->spaced, piece.begin, 1}, *scratch, out);
    } else {
      tokenize({section, text, piece.begin, 0}, *scratch, out);
    }
  }

 private:
  struct Scratch {
    std::vector<TextSpan> parts, parts_of_parts;  // of the splitters
    std::string spaced;
    std::string written;  // a word in the byte-level alphabet
    std::vector<BpeSymbol> symbols;
    std::vector<WordToken> tokens;
    BpeMerges::Scratch merging;
    WordCache cache;
  };
  // `text` is a part of the section that begins at `begin`, behind `added` bytes of a space that is
  // not in it.
  struct Input {
    const FastSection& section;
    std::string_view text;
    size_t begin;
    size_t added;

    ByteRange origin(size_t first, size_t last) const {
      const size_t from = begin + (first < added ? 0 : first - added);
      const size_t to = begin + (last <= added ? 1 : last - added);
      return section.origin(from, to);
    }
  };

  // Each splitter sees a part of the one before it alone.
  void split(std::string_view text, Scratch& scratch) const {
    scratch.parts.assign(1, {0, text.size()});
    for (const Splitter* splitter : plan_.splitters) {
      scratch.parts_of_parts.clear();
      for (const TextSpan& part : scratch.parts) {
        size_t next = scratch.parts_of_parts.size();
        splitter->split(text.substr(part.begin, part.end - part.begin), scratch.parts_of_parts);
        for (; next < scratch.parts_of_parts.size(); ++next) {
          scratch.parts_of_parts[next].begin += part.begin;
          scratch.parts_of_parts[next].end += part.begin;
        }
      }
      std::swap(scratch.parts, scratch.parts_of_parts);
    }
  }

  void tokenize(const Input& input, Scratch& scratch, FastOutput& out) const {
    if (plan_.split == GptSplit::none) {
      return tokenize_word(input, {0, input.text.size()}, scratch, out);
    }
    GptWords words(input.text, plan_.split);
    for (TextSpan word = words.next(); word.begin != word.end; word = words.next()) {
      tokenize_word(input, word, scratch, out);
      if (out.ids.size() >= out.enough) return;
    }
  }

  void tokenize_word(const Input& input, TextSpan word, Scratch& scratch, FastOutput& out) const {
    const std::string_view bytes = input.text.substr(word.begin, word.end - word.begin);
    if (bytes.size() > WordCache::kMaxBytes) {
      merge(bytes, scratch);
      append(scratch.tokens, input, word.begin, out);
      return;
    }
    const WordCache::Key key(bytes);
    if (const WordCache::Entry* const known = scratch.cache.find(key)) {
      append(*known, input, word.begin, out);
      return;
    }
    merge(bytes, scratch);
    scratch.cache.insert(key, scratch.tokens);
    append(scratch.tokens, input, word.begin, out);
  }

  template <class Tokens>
  static void append(const Tokens& tokens, const Input& input, size_t begin, FastOutput& out) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      const WordToken token = tokens[i];
      out.ids.push_back(token.id);
      if (out.offsets != nullptr) {
        out.offsets->push_back(input.origin(begin, begin + token.length));
        begin += token.length;
      }
    }
  }

  void merge(std::string_view word, Scratch& scratch) const {
    scratch.tokens.clear();
    if (model_.options().ignore_merges) {
      scratch.written.clear();
      for (const char byte : word) {
        append_utf8(scratch.written, byte_level_alphabet()[static_cast<uint8_t>(byte)]);
      }
      if (const auto id = model_.token_to_id(scratch.written)) {
        scratch.tokens.push_back({*id, static_cast<uint32_t>(word.size())});
        return;
      }
    }
    scratch.symbols.clear();
    for (const char byte : word) {
      scratch.symbols.push_back({byte_ids_[static_cast<uint8_t>(byte)], 1});
    }
    model_.merges().merge(scratch.symbols, scratch.merging);
    for (const BpeSymbol& symbol : scratch.symbols) {
      scratch.tokens.push_back({symbol.id, symbol.length});
    }
  }

  ByteLevelPlan plan_;
  const Bpe& model_;
  ByteIds byte_ids_;
  mutable ScratchPool<Scratch> scratch_;
};

// Metaspace, alone or behind WhitespaceSplit, then Unigram.
class MetaspaceWords final : public FastWords {
 public:
  MetaspaceWords(MetaspacePlan plan, const Unigram& model)
      : plan_(std::move(plan)), model_(model) {}

  void tokenize(const FastSection& section, TextSpan piece, FastOutput& out) const override {
    const auto scratch = scratch_.take();
    if (!plan_.splits_whitespace_first) return tokenize_part(section, piece, *scratch, out);
    const std::string_view text = section.text();
    size_t begin = piece.begin;
    for (size_t i = piece.begin; i < piece.end;) {
      const Utf8Decoded decoded = decode_utf8(text, i);
      const size_t end = i + decoded.length;
      if (properties_of(decoded.code_point).is_whitespace()) {
        if (begin < i) tokenize_part(section, {begin, i}, *scratch, out);
        if (out.ids.size() >= out.enough) return;
        begin = end;
      }
      i = end;
    }
    if (begin < piece.end) tokenize_part(section, {begin, piece.end}, *scratch, out);
  }

 private:
  struct Scratch {
    std::string word;
    Unigram::Scratch searching;
    std::vector<TextToken> tokens;
    std::vector<WordToken> kept;
    WordCache cache;
  };
  // The replacement that begins a word stands for text[mark.begin, mark.end); a word without one
  // has an empty mark. When it was put before the word, the mark is the first byte of the word.
  struct Word {
    const FastSection& section;
    TextSpan mark;
    TextSpan body;
    size_t mark_length;  // of the replacement, 0 without one

    ByteRange origin(size_t begin, size_t end) const {
      const size_t from = begin < mark_length ? mark.begin : body.begin + begin - mark_length;
      const size_t to = end <= mark_length ? mark.end : body.begin + end - mark_length;
      return section.origin(from, to);
    }
  };

  // Bytes of a space or a replacement at a position, or 0.
  size_t mark_at(std::string_view text, size_t position) const {
    if (text[position] == ' ') return 1;
    const bool is_mark = text[position] == plan_.replacement[0] &&
                         text.substr(position).starts_with(plan_.replacement);
    return is_mark ? plan_.replacement.size() : 0;
  }

  bool prepends(const FastSection& section, size_t begin) const {
    return plan_.prepend_scheme == PrependScheme::always ||
           (plan_.prepend_scheme == PrependScheme::first &&
            section.origin(begin, begin + 1).begin == 0);
  }

  void tokenize_part(const FastSection& section, TextSpan part, Scratch& scratch,
                     FastOutput& out) const {
    const std::string_view text = section.text().substr(0, part.end);
    for (size_t begin = part.begin; begin < part.end;) {
      Word word{section, {begin, begin}, {begin, begin}, 0};
      if (const size_t length = mark_at(text, begin)) {
        word.mark.end = word.body.begin = begin + length;
        word.mark_length = plan_.replacement.size();
      } else if (begin == part.begin && prepends(section, begin)) {
        word.mark.end = begin + 1;
        word.mark_length = plan_.replacement.size();
      }
      size_t end = word.body.begin;
      while (end < part.end && mark_at(text, end) == 0) ++end;
      word.body.end = end;
      tokenize_word(word, text.substr(word.body.begin, end - word.body.begin), scratch, out);
      if (out.ids.size() >= out.enough) return;
      begin = end;
    }
  }

  void tokenize_word(const Word& word, std::string_view body, Scratch& scratch,
                     FastOutput& out) const {
    scratch.word.assign(plan_.replacement, 0, word.mark_length).append(body);
    const bool is_short = scratch.word.size() <= WordCache::kMaxBytes;
    const WordCache::Key key(is_short ? std::string_view(scratch.word) : std::string_view());
    if (const auto* const known = is_short ? scratch.cache.find(key) : nullptr) {
      size_t begin = 0;
      for (size_t i = 0; i < known->size(); ++i) {
        const WordToken token = (*known)[i];
        append({token.id, {begin, begin + token.length}}, word, out);
        begin += token.length;
      }
      return;
    }
    scratch.tokens.clear();
    model_.tokenize(scratch.word, scratch.searching, scratch.tokens);
    for (const TextToken& token : scratch.tokens) append(token, word, out);
    if (is_short) keep(key, scratch);
  }

  // Bytes that stand for one unknown part overlap: such words are not kept.
  static void keep(const WordCache::Key& key, Scratch& scratch) {
    scratch.kept.clear();
    size_t end = 0;
    for (const TextToken& token : scratch.tokens) {
      if (token.span.begin != end) return;
      end = token.span.end;
      scratch.kept.push_back({token.id, static_cast<uint32_t>(end - token.span.begin)});
    }
    scratch.cache.insert(key, scratch.kept);
  }

  static void append(const TextToken& token, const Word& word, FastOutput& out) {
    out.ids.push_back(token.id);
    if (out.offsets != nullptr) {
      out.offsets->push_back(word.origin(token.span.begin, token.span.end));
    }
  }

  MetaspacePlan plan_;
  const Unigram& model_;
  mutable ScratchPool<Scratch> scratch_;
};

}  // namespace

std::unique_ptr<FastWords> make_fast_words(const PreTokenizer* pre_tokenizer,
                                           const TokenModel& model) {
  if (pre_tokenizer == nullptr) return nullptr;
  const auto* const bpe = dynamic_cast<const Bpe*>(&model);
  const auto byte_level = pre_tokenizer->byte_level_plan();
  if (bpe != nullptr && byte_level &&
      (byte_level->split != GptSplit::none || !byte_level->splitters.empty()) &&
      bpe->options().continuing_subword_prefix.empty() &&
      bpe->options().end_of_word_suffix.empty()) {
    if (const auto ids = ids_of_bytes(*bpe)) {
      return std::make_unique<ByteLevelWords>(*byte_level, *bpe, *ids);
    }
  }
  const auto* const unigram = dynamic_cast<const Unigram*>(&model);
  const auto metaspace = pre_tokenizer->metaspace_plan();
  if (unigram != nullptr && metaspace) {
    return std::make_unique<MetaspaceWords>(*metaspace, *unigram);
  }
  return nullptr;
}

}  // namespace maxsimd
