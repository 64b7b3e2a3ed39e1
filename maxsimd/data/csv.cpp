#include "maxsimd/data/csv.h"

namespace maxsimd {
namespace {

constexpr size_t kNoEnd = std::string_view::npos;

// Where the quotes of a field that opens at `open` close, or kNoEnd.
size_t closing_quote(std::string_view bytes, size_t open) {
  size_t quote = bytes.find('"', open + 1);
  while (quote != kNoEnd && quote + 1 < bytes.size() && bytes[quote + 1] == '"') {
    quote = bytes.find('"', quote + 2);
  }
  return quote;
}

// Where the comma or LF that ends the field at `begin` is, or the end of the bytes; kNoEnd for
// quotes without an end.
size_t field_end(std::string_view bytes, size_t begin) {
  size_t from = begin;
  if (begin < bytes.size() && bytes[begin] == '"') {
    from = closing_quote(bytes, begin);
    if (from == kNoEnd) return kNoEnd;
  }
  const size_t end = bytes.find_first_of(",\n", from);
  return end == kNoEnd ? bytes.size() : end;
}

std::string undoubled(std::string_view quoted) {
  std::string text;
  text.reserve(quoted.size());
  for (size_t i = 0; i < quoted.size(); ++i) {
    text.push_back(quoted[i]);
    if (quoted[i] == '"') ++i;
  }
  return text;
}

}  // namespace

std::optional<size_t> csv_record_length(std::string_view bytes) {
  size_t begin = 0;
  while (true) {
    const size_t end = field_end(bytes, begin);
    if (end == kNoEnd) return std::nullopt;
    if (end == bytes.size()) return end;
    begin = end + 1;
    if (bytes[end] == '\n') return begin;
  }
}

std::optional<std::string> parse_csv_record(std::string_view bytes,
                                            std::vector<std::string>& fields) {
  fields.clear();
  size_t begin = 0;
  while (true) {
    const size_t end = field_end(bytes, begin);
    if (end == kNoEnd) return "a field in quotes has no end";
    const bool is_last = end == bytes.size() || bytes[end] == '\n';
    std::string_view field = bytes.substr(begin, end - begin);
    if (is_last && field.ends_with('\r')) field.remove_suffix(1);
    if (!field.starts_with('"')) {
      fields.emplace_back(field);
    } else {
      const size_t close = closing_quote(field, 0);
      if (close + 1 != field.size()) {
        return "text after the closing quote of field " + std::to_string(fields.size() + 1) +
               "; expected a comma or the end of the line (a quote inside quotes is written twice)";
      }
      fields.push_back(undoubled(field.substr(1, close - 1)));
    }
    if (is_last) return std::nullopt;
    begin = end + 1;
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  constexpr std::string_view kSpecial = ",\"\r\n", kSpace = " \t";
  const bool is_plain = field.find_first_of(kSpecial) == kNoEnd &&
                        (field.empty() || (kSpace.find(field.front()) == kNoEnd &&
                                           kSpace.find(field.back()) == kNoEnd));
  if (is_plain) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

}  // namespace maxsimd
