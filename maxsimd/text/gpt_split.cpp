#include "maxsimd/text/gpt_split.h"

#include <array>

#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

constexpr std::string_view kGpt2 =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
constexpr std::string_view kLlama3 =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
    "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
constexpr std::string_view kQwen2 =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
    "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

constexpr char32_t kNumCached = 0x600;

bool is_letter(GeneralCategory category) {
  return category >= GeneralCategory::Lu && category <= GeneralCategory::Lo;
}

bool is_number(GeneralCategory category) {
  return category >= GeneralCategory::Nd && category <= GeneralCategory::No;
}

}  // namespace

std::string_view gpt_split_regex(GptSplit split) noexcept {
  switch (split) {
    case GptSplit::gpt2:
      return kGpt2;
    case GptSplit::llama3:
      return kLlama3;
    case GptSplit::qwen2:
      return kQwen2;
    case GptSplit::none:
      break;
  }
  return {};
}

GptSplit gpt_split_of(std::string_view regex) noexcept {
  for (const GptSplit split : {GptSplit::gpt2, GptSplit::llama3, GptSplit::qwen2}) {
    if (regex == gpt_split_regex(split)) return split;
  }
  return GptSplit::none;
}

GptWords::GptWords(std::string_view text, GptSplit split) noexcept
    : text_(text),
      is_gpt2_(split == GptSplit::gpt2),
      ignores_case_(!is_gpt2_),
      max_numbers_(split == GptSplit::llama3 ? 3 : 1) {}

TextSpan GptWords::next() noexcept {
  const size_t begin = position_;
  if (begin < text_.size()) position_ = is_gpt2_ ? gpt2_end(begin) : llama3_end(begin);
  return {begin, position_};
}

GptWords::Kind GptWords::kind_of(char32_t c) noexcept {
  if (c == U'\r' || c == U'\n') return Kind::line_break;
  const CodePointProperties properties = properties_of(c);
  if (is_letter(properties.category())) return Kind::letter;
  if (is_number(properties.category())) return Kind::number;
  return properties.is_whitespace() ? Kind::space : Kind::other;
}

GptWords::Char GptWords::char_at(size_t position) const noexcept {
  static const std::array<Kind, kNumCached> kKinds = [] {
    std::array<Kind, kNumCached> kinds{};
    for (char32_t c = 0; c < kNumCached; ++c) kinds[c] = kind_of(c);
    return kinds;
  }();
  const auto byte = static_cast<uint8_t>(text_[position]);
  if (byte < 0x80) return {kKinds[byte], position + 1};
  const Utf8Decoded decoded = decode_utf8(text_, position);
  const char32_t c = decoded.code_point;
  return {c < kNumCached ? kKinds[c] : kind_of(c), position + decoded.length};
}

size_t GptWords::skip(Kind kind, size_t position) const noexcept {
  while (position < text_.size()) {
    const Char c = char_at(position);
    if (c.kind != kind) break;
    position = c.end;
  }
  return position;
}

size_t GptWords::skip_numbers(size_t position) const noexcept {
  for (size_t i = 0; i < max_numbers_ && position < text_.size(); ++i) {
    const Char c = char_at(position);
    if (c.kind != Kind::number) break;
    position = c.end;
  }
  return position;
}

// The end of 's 't 're 've 'm 'll 'd at an apostrophe, or its position. Without regard to case the
// long s (U+017F) is an s.
size_t GptWords::contraction(size_t position) const noexcept {
  const auto lower = [this](size_t i) {
    const char c = i < text_.size() ? text_[i] : '\0';
    return ignores_case_ && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  const char first = lower(position + 1);
  const char second = lower(position + 2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return position + 2;
  if ((first == 'r' || first == 'v') && second == 'e') return position + 3;
  if (first == 'l' && second == 'l') return position + 3;
  if (ignores_case_ && text_.substr(position + 1).starts_with("\u017F")) return position + 3;
  return position;
}

// \s+(?!\S)|\s+ : white space leaves its last character to what follows.
size_t GptWords::spaces_end(size_t position) const noexcept {
  size_t last = position;
  size_t end = position;
  while (end < text_.size()) {
    const Char c = char_at(end);
    if (c.kind != Kind::space && c.kind != Kind::line_break) break;
    last = end;
    end = c.end;
  }
  return end == text_.size() || last == position ? end : last;
}

size_t GptWords::gpt2_end(size_t position) const noexcept {
  if (text_[position] == '\'') {
    const size_t end = contraction(position);
    if (end != position) return end;
  }
  Char c = char_at(position);
  if (text_[position] == ' ' && c.end < text_.size()) {
    const Char behind = char_at(c.end);
    if (behind.kind <= Kind::number) c = behind;
  }
  if (c.kind <= Kind::number) return skip(c.kind, c.end);
  return spaces_end(position);
}

size_t GptWords::llama3_end(size_t position) const noexcept {
  if (text_[position] == '\'') {
    const size_t end = contraction(position);
    if (end != position) return end;
  }
  const Char c = char_at(position);
  if (c.kind == Kind::letter) return skip(Kind::letter, c.end);
  if (c.kind == Kind::number) return skip_numbers(position);
  const Char behind = c.end < text_.size() ? char_at(c.end) : Char{Kind::space, c.end};
  if (c.kind != Kind::line_break && behind.kind == Kind::letter) {
    return skip(Kind::letter, behind.end);
  }
  if (c.kind == Kind::other || (text_[position] == ' ' && behind.kind == Kind::other)) {
    return skip(Kind::line_break, skip(Kind::other, c.kind == Kind::other ? c.end : behind.end));
  }
  size_t end = position;  // behind the last line break of the white space that begins here
  for (size_t i = position; i < text_.size();) {
    const Char next = char_at(i);
    if (next.kind != Kind::space && next.kind != Kind::line_break) break;
    i = next.end;
    if (next.kind == Kind::line_break) end = i;
  }
  return end != position ? end : spaces_end(position);
}

}  // namespace maxsimd
