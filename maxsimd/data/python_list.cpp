#include "maxsimd/data/python_list.h"

#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;

/// Reads from the front of a text. Thread rule: one thread.
class ListReader {
 public:
  explicit ListReader(std::string_view text) : rest_(text) {}

  Problem read(std::vector<nlohmann::json>& out) {
    skip_space();
    if (!rest_.starts_with('[') && !rest_.starts_with('(')) return expected("a list in brackets");
    const char close = rest_.front() == '[' ? ']' : ')';
    rest_.remove_prefix(1);
    skip_space();
    while (!rest_.starts_with(close)) {
      if (Problem problem = read_value(out.emplace_back())) return problem;
      skip_space();
      if (rest_.starts_with(close)) break;
      if (!rest_.starts_with(',')) return expected("a comma or the closing bracket");
      rest_.remove_prefix(1);
      skip_space();
    }
    rest_.remove_prefix(1);
    skip_space();
    if (!rest_.empty()) return expected("the end");
    return std::nullopt;
  }

 private:
  static constexpr size_t kShown = 20;  // bytes of the text in a message

  Problem expected(const char* what) const {
    return std::string("expected ") + what + " at '" + std::string(rest_.substr(0, kShown)) + "'";
  }

  void skip_space() {
    const size_t begin = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(begin == std::string_view::npos ? rest_.size() : begin);
  }

  Problem read_value(nlohmann::json& value) {
    if (rest_.starts_with('\'') || rest_.starts_with('"')) return read_text(value);
    return read_number(value);
  }

  Problem read_number(nlohmann::json& value) {
    const size_t length = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
    const char* const end = rest_.data() + length;
    int64_t integer = 0;
    double number = 0;
    if (const auto got = std::from_chars(rest_.data(), end, integer);
        length > 0 && got.ec == std::errc() && got.ptr == end) {
      value = integer;
    } else if (const auto real = std::from_chars(rest_.data(), end, number);
               length > 0 && real.ec == std::errc() && real.ptr == end) {
      value = number;
    } else {
      return expected("a number or a text in quotes");
    }
    rest_.remove_prefix(length);
    return std::nullopt;
  }

  Problem read_text(nlohmann::json& value) {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.starts_with(quote)) {
      if (rest_.empty()) return "a text without closing quote";
      if (rest_.starts_with('\\')) {
        if (Problem problem = read_escape(text)) return problem;
      } else {
        text.push_back(rest_.front());
        rest_.remove_prefix(1);
      }
    }
    rest_.remove_prefix(1);
    value = std::move(text);
    return std::nullopt;
  }

  Problem read_escape(std::string& text) {
    constexpr std::string_view kNames = "\\'\"nrt";
    constexpr std::string_view kMeanings = "\\'\"\n\r\t";
    const char name = rest_.size() > 1 ? rest_[1] : '\0';
    if (const size_t at = kNames.find(name); at != std::string_view::npos) {
      text.push_back(kMeanings[at]);
      rest_.remove_prefix(2);
      return std::nullopt;
    }
    const size_t digits = name == 'x' ? 2 : name == 'u' ? 4 : name == 'U' ? 8 : 0;
    if (digits == 0 || rest_.size() < 2 + digits) return expected("an escape of Python's repr()");
    uint32_t code = 0;
    const char* const begin = rest_.data() + 2;
    const auto got = std::from_chars(begin, begin + digits, code, 16);
    const bool is_surrogate = code >= 0xD800 && code < 0xE000;
    if (got.ec != std::errc() || got.ptr != begin + digits || is_surrogate || code > 0x10FFFF) {
      return expected("a character's number");
    }
    append_utf8(text, code);
    rest_.remove_prefix(2 + digits);
    return std::nullopt;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::string> parse_python_list(std::string_view text,
                                             std::vector<nlohmann::json>& out) {
  out.clear();
  return ListReader(text).read(out);
}

}  // namespace maxsimd
