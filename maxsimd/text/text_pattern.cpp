#include "maxsimd/text/text_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

constexpr uint32_t kMatchLimit = 1'000'000;  // backtracking steps of one match
constexpr uint32_t kHeapLimitKib = 64 * 1024;
// PCRE2 10.42 makes a quantifier possessive that may have to give back: [ab]{0,2}(?>z)?+[bc] does
// not match "b".
constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_MULTILINE | PCRE2_NO_AUTO_POSSESS;

template <class T, void (*kFree)(T*)>
struct Free {
  void operator()(T* object) const { kFree(object); }
};
using Code = std::unique_ptr<pcre2_code, Free<pcre2_code, pcre2_code_free>>;
using CompileContext =
    std::unique_ptr<pcre2_compile_context, Free<pcre2_compile_context, pcre2_compile_context_free>>;
using MatchContext =
    std::unique_ptr<pcre2_match_context, Free<pcre2_match_context, pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Free<pcre2_match_data, pcre2_match_data_free>>;

std::string pcre2_message(int code) {
  PCRE2_UCHAR buffer[256] = {};
  pcre2_get_error_message(code, buffer, sizeof(buffer));
  return reinterpret_cast<const char*>(buffer);
}

PCRE2_SPTR units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

// Immutable; find_all may run in several threads.
class Regex {
 public:
  Regex(const std::string& regex, const std::string& where)
      : regex_(regex), where_(where), limits_(pcre2_match_context_create(nullptr)) {
    const std::string pattern = translate_oniguruma(regex, where);
    const CompileContext context(pcre2_compile_context_create(nullptr));
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int error = 0;
    size_t position = 0;
    code_.reset(
        pcre2_compile(units(pattern), pattern.size(), kOptions, &error, &position, context.get()));
    if (!code_) {
      throw FormatError(where + ": regex '" + regex +
                        "' is not supported: " + pcre2_message(error));
    }
    pcre2_set_match_limit(limits_.get(), kMatchLimit);
    pcre2_set_heap_limit(limits_.get(), kHeapLimitKib);
  }

  // An empty match right behind the match before it does not count, as in the onig crate.
  void find_all(std::string_view text, std::vector<TextSpan>& matches) const {
    const MatchData data(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
    size_t from = 0;
    const size_t first = matches.size();
    while (from <= text.size() && find_next(text, from, data.get())) {
      const size_t* const range = pcre2_get_ovector_pointer(data.get());
      const TextSpan span{range[0], range[1]};
      if (span.begin == span.end && matches.size() > first && matches.back().end == span.end) {
        from = span.end < text.size() ? span.end + decode_utf8(text, span.end).length
                                      : text.size() + 1;
        continue;
      }
      matches.push_back(span);
      from = span.end;
    }
  }

 private:
  bool find_next(std::string_view text, size_t from, pcre2_match_data* data) const {
    const int result = pcre2_match(code_.get(), units(text), text.size(), from, PCRE2_NO_UTF_CHECK,
                                   data, limits_.get());
    if (result >= 0) return true;
    if (result == PCRE2_ERROR_NOMATCH) return false;
    throw FormatError(where_ + ": regex '" + regex_ + "' gives up on a text of " +
                      std::to_string(text.size()) + " bytes: " + pcre2_message(result));
  }

  std::string regex_;
  std::string where_;
  Code code_;
  MatchContext limits_;
};

}  // namespace

TextPattern literal_pattern(std::string literal) {
  return [literal = std::move(literal)](std::string_view text, std::vector<TextSpan>& matches) {
    if (text.empty()) return;
    size_t found = 0;
    while ((found = text.find(literal, found)) != std::string_view::npos) {
      matches.push_back({found, found + literal.size()});
      if (!literal.empty()) {
        found += literal.size();
      } else if (found < text.size()) {
        found += decode_utf8(text, found).length;
      } else {
        break;
      }
    }
  };
}

TextPattern character_pattern(bool (*is_match)(char32_t)) {
  return [is_match](std::string_view text, std::vector<TextSpan>& matches) {
    for (size_t i = 0; i < text.size();) {
      const Utf8Decoded decoded = decode_utf8(text, i);
      const size_t end = i + decoded.length;
      if (is_match(decoded.code_point)) matches.push_back({i, end});
      i = end;
    }
  };
}

TextPattern regex_pattern(const std::string& regex, const std::string& where) {
  auto compiled = std::make_shared<const Regex>(regex, where);
  return [compiled](std::string_view text, std::vector<TextSpan>& matches) {
    if (!text.empty()) compiled->find_all(text, matches);
  };
}

TextPattern make_text_pattern(const ComponentJson& json) {
  const ComponentJson pattern = json.object("pattern");
  if (pattern.has("String")) return literal_pattern(pattern.text("String"));
  if (pattern.has("Regex")) return regex_pattern(pattern.text("Regex"), pattern.where());
  pattern.fail("expected {\"String\": ...} or {\"Regex\": ...}");
}

}  // namespace maxsimd
