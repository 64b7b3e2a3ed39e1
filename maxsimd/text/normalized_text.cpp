#include "maxsimd/text/normalized_text.h"

#include <algorithm>

#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

size_t char_length(std::string_view text, size_t position) {
  return decode_utf8(text, position).length;
}

// Whether the capital sigma at `position` ends a word (Unicode section 3.13, Final_Sigma).
bool is_final_sigma(std::u32string_view text, size_t position) {
  const auto ignorable = [](char32_t c) { return properties_of(c).is_case_ignorable(); };
  const auto cased = [](char32_t c) { return properties_of(c).is_cased(); };
  size_t before = position;
  while (before > 0 && ignorable(text[before - 1])) --before;
  if (before == 0 || !cased(text[before - 1])) return false;
  size_t after = position + 1;
  while (after < text.size() && ignorable(text[after])) ++after;
  return after == text.size() || !cased(text[after]);
}

}  // namespace

NormalizedText::NormalizedText(std::string_view original, size_t begin_of_original)
    : origin_begin_(static_cast<uint32_t>(begin_of_original)) {
  text_.reserve(original.size());
  origins_.reserve(original.size());
  for (size_t i = 0; i < original.size();) {
    const Utf8Decoded decoded = decode_utf8(original, i);
    const auto begin = origin_begin_ + static_cast<uint32_t>(i);
    i += decoded.length;
    append(decoded.code_point, {begin, origin_begin_ + static_cast<uint32_t>(i)});
  }
}

std::u32string NormalizedText::code_points() const {
  std::u32string out;
  out.reserve(text_.size());
  for (size_t i = 0; i < text_.size();) {
    const Utf8Decoded decoded = decode_utf8(text_, i);
    out.push_back(decoded.code_point);
    i += decoded.length;
  }
  return out;
}

NormalizedText NormalizedText::slice(TextSpan span) const {
  NormalizedText part;
  part.text_ = text_.substr(span.begin, span.end - span.begin);
  part.origins_.assign(origins_.begin() + static_cast<std::ptrdiff_t>(span.begin),
                       origins_.begin() + static_cast<std::ptrdiff_t>(span.end));
  part.origin_begin_ = part.origins_.empty() ? origin_begin_ : part.origins_.front().begin;
  return part;
}

void NormalizedText::rewrite(std::span<const RewrittenChar> chars) {
  NormalizedText rewritten;
  rewritten.text_.reserve(text_.size());
  rewritten.origins_.reserve(text_.size());
  size_t source = 0;
  for (const RewrittenChar& c : chars) {
    const bool is_new = c.change > 0 || source >= text_.size();
    const ByteRange before =
        source == 0 ? ByteRange{origin_begin_, origin_begin_} : origins_[source - 1];
    rewritten.append(c.code_point, is_new ? before : origins_[source]);
    for (int taken = c.change; taken <= 0 && source < text_.size(); ++taken) {
      source += char_length(text_, source);
    }
  }
  text_ = std::move(rewritten.text_);
  origins_ = std::move(rewritten.origins_);
}

void NormalizedText::to_normal_form(NormalForm form) {
  rewrite(rewrite_in_normal_form(code_points(), form));
}

void NormalizedText::to_lowercase() {
  edit([](char32_t c, auto put) {
    const LowercaseForm lower = lowercase_of(c);
    put(lower.first);
    if (lower.second != 0) put(lower.second);
  });
}

void NormalizedText::prepend(std::string_view prefix) {
  if (text_.empty()) return;
  const NormalizedText valid(prefix);
  const ByteRange origin = origins_.front();
  if (valid.text_.empty()) {  // HF: the first character is new, with nothing before it
    std::fill_n(origins_.begin(), char_length(text_, 0), ByteRange{origin_begin_, origin_begin_});
  }
  text_.insert(0, valid.text_);
  origins_.insert(origins_.begin(), valid.text_.size(), origin);
}

void NormalizedText::strip_whitespace(bool left, bool right) {
  size_t position = 0;
  size_t begin = text_.size();  // of the first character that is not white space
  size_t end = 0;               // of the last one
  while (position < text_.size()) {
    const Utf8Decoded decoded = decode_utf8(text_, position);
    const size_t next = position + decoded.length;
    if (!properties_of(decoded.code_point).is_whitespace()) {
      begin = std::min(begin, position);
      end = next;
    }
    position = next;
  }
  if (!left) begin = 0;
  if (!right) end = text_.size();
  NormalizedText part = slice({begin, std::max(begin, end)});
  text_ = std::move(part.text_);
  origins_ = std::move(part.origins_);
}

void NormalizedText::replace(std::span<const TextSpan> matches, std::string_view content) {
  const NormalizedText valid(content);
  NormalizedText replaced;
  size_t copied = 0;
  const auto copy_to = [this, &replaced, &copied](size_t end) {
    replaced.text_.append(text_, copied, end - copied);
    replaced.origins_.insert(replaced.origins_.end(),
                             origins_.begin() + static_cast<std::ptrdiff_t>(copied),
                             origins_.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (const TextSpan& match : matches) {
    copy_to(match.begin);
    const ByteRange origin =
        match.end == 0 ? ByteRange{origin_begin_, origin_begin_} : origins_[match.end - 1];
    replaced.text_ += valid.text_;
    replaced.origins_.resize(replaced.text_.size(), origin);
    copied = match.end;
  }
  copy_to(text_.size());
  text_ = std::move(replaced.text_);
  origins_ = std::move(replaced.origins_);
}

void lowercase_like_python(NormalizedText& text) {
  const std::u32string source = text.code_points();
  std::vector<RewrittenChar> lowered;
  lowered.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == U'\u03A3' && is_final_sigma(source, i)) {
      lowered.push_back({U'\u03C2', 0});
      continue;
    }
    const LowercaseForm lower = lowercase_of(source[i]);
    lowered.push_back({lower.first, 0});
    if (lower.second != 0) lowered.push_back({lower.second, 1});
  }
  text.rewrite(lowered);
}

}  // namespace maxsimd
