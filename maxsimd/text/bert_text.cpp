#include "maxsimd/text/bert_text.h"

#include <algorithm>

#include "maxsimd/base/utf8.h"
#include "maxsimd/text/unicode/code_points.h"
#include "maxsimd/text/unicode/normal_forms.h"

namespace maxsimd {
namespace {

bool is_ascii(char byte) {
  return static_cast<uint8_t>(byte) < 0x80;
}

}  // namespace

BertText::BertText(const BertNormalizerOptions& options) : options_(options) {
  std::u32string scratch;
  for (char32_t c = 0; c < kNumCached; ++c) {
    std::string bytes;
    Rewritten& rewritten = rewritten_[c];
    if (rewrite(c, scratch, bytes) && bytes.size() <= sizeof(rewritten.bytes)) {
      rewritten.length = static_cast<uint8_t>(bytes.size());
      std::copy(bytes.begin(), bytes.end(), rewritten.bytes);
    } else {
      rewritten.length = kDeclines;
    }
    kinds_[c] = kind_of(c);
  }
}

bool BertText::normalize(std::string_view original, size_t base, bool with_origins,
                         Output& out) const {
  out.text.clear();
  out.origins.clear();
  out.text.reserve(original.size() + original.size() / 8);
  std::u32string scratch;
  for (size_t i = 0; i < original.size();) {
    const size_t begin = i;
    while (i < original.size() && is_ascii(original[i])) ++i;
    if (i > begin) {
      append_ascii(original.substr(begin, i - begin), base + begin, with_origins, out);
      continue;
    }
    const Utf8Decoded decoded = decode_utf8(original, i);
    i += decoded.length;
    if (!decoded.valid) return false;
    if (decoded.code_point < kNumCached) {
      const Rewritten& rewritten = rewritten_[decoded.code_point];
      if (rewritten.length == kDeclines) return false;
      out.text.append(rewritten.bytes, rewritten.length);
    } else if (!rewrite(decoded.code_point, scratch, out.text)) {
      return false;
    }
    if (with_origins) {
      out.origins.resize(out.text.size(),
                         {static_cast<uint32_t>(base + begin), static_cast<uint32_t>(base + i)});
    }
  }
  return true;
}

// ASCII becomes one byte or none.
void BertText::append_ascii(std::string_view ascii, size_t begin, bool with_origins,
                            Output& out) const {
  const size_t before = out.text.size();
  out.text.resize(before + ascii.size());
  char* to = out.text.data() + before;
  if (!with_origins) {
    for (const char c : ascii) {
      const Rewritten& rewritten = rewritten_[static_cast<uint8_t>(c)];
      *to = rewritten.bytes[0];
      to += rewritten.length;
    }
  } else {
    out.origins.resize(before + ascii.size());
    ByteRange* origin = out.origins.data() + before;
    auto position = static_cast<uint32_t>(begin);
    for (const char c : ascii) {
      const Rewritten& rewritten = rewritten_[static_cast<uint8_t>(c)];
      *to = rewritten.bytes[0];
      *origin = {position, position + 1};
      to += rewritten.length;
      origin += rewritten.length;
      ++position;
    }
    out.origins.resize(static_cast<size_t>(origin - out.origins.data()));
  }
  out.text.resize(static_cast<size_t>(to - out.text.data()));
}

// One code point through all steps of BertNormalizer. That is the whole truth unless a mark
// survives that canonical ordering could move: then it declines.
bool BertText::rewrite(char32_t c, std::u32string& scratch, std::string& out) const {
  if (options_.clean_text) {
    const CodePointProperties properties = properties_of(c);
    if (properties.is_other() || c == kReplacementCharacter) return true;
    if (properties.is_whitespace()) c = U' ';
  }
  const bool is_spaced = options_.handle_chinese_chars && is_chinese_char(c);
  if (is_spaced) out.push_back(' ');
  scratch.clear();
  if (options_.strips_accents()) {
    append_decomposition(c, false, scratch);
  } else {
    scratch.push_back(c);
  }
  for (const char32_t part : scratch) {
    if (options_.strips_accents()) {
      if (properties_of(part).is_nonspacing_mark()) continue;
      if (combining_class(part) != 0) return false;
    }
    if (!options_.lowercase) {
      append_utf8(out, part);
      continue;
    }
    const LowercaseForm lower = lowercase_of(part);
    append_utf8(out, lower.first);
    if (lower.second != 0) append_utf8(out, lower.second);
  }
  if (is_spaced) out.push_back(' ');
  return true;
}

BertText::CharKind BertText::kind_of(char32_t c) noexcept {
  const CodePointProperties properties = properties_of(c);
  if (properties.is_whitespace()) return CharKind::space;
  return properties.is_punctuation() ? CharKind::punctuation : CharKind::word;
}

void BertText::tokenize(std::string_view text, TextSpan piece, const WordPiece& model,
                        size_t enough, std::vector<TextToken>& tokens) const {
  size_t word = piece.begin;
  for (size_t i = piece.begin; i < piece.end && tokens.size() < enough;) {
    size_t end = i + 1;
    CharKind kind = CharKind::word;
    if (is_ascii(text[i])) {
      kind = kinds_[static_cast<uint8_t>(text[i])];
    } else {
      const Utf8Decoded decoded = decode_utf8(text, i);
      end = i + decoded.length;
      const char32_t c = decoded.code_point;
      kind = c < kNumCached ? kinds_[c] : kind_of(c);
    }
    if (kind != CharKind::word) {
      if (word < i) model.tokenize(text, {word, i}, tokens);
      if (kind == CharKind::punctuation) model.tokenize(text, {i, end}, tokens);
      word = end;
    }
    i = end;
  }
  if (word < piece.end && tokens.size() < enough) model.tokenize(text, {word, piece.end}, tokens);
}

}  // namespace maxsimd
