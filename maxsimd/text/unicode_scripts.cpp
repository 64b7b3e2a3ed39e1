// The UnicodeScripts pre-tokenizer: it splits where the script changes, Han and both kana being one
// script. What comes before the first character that has a script is dropped, as in HF.
#include <algorithm>
#include <iterator>

#include "maxsimd/text/pre_tokenizer.h"

namespace maxsimd {
namespace {

struct Run {
  uint32_t first;
  uint32_t value;
};

#include "maxsimd/text/unicode/scripts.inc"

// A number for each script; 0 for characters that go with any.
uint32_t script_of(char32_t code_point) {
  const Run* const next =
      std::upper_bound(std::begin(kScriptRuns), std::end(kScriptRuns), code_point,
                       [](char32_t c, const Run& run) { return c < run.first; });
  return (next - 1)->value;
}

class ScriptSplitter final : public Splitter {
 public:
  void split(std::string_view text, std::vector<TextSpan>& parts) const override {
    uint32_t last = 0;  // no script seen
    for (size_t i = 0; i < text.size();) {
      const Utf8Decoded decoded = decode_utf8(text, i);
      const size_t end = i + decoded.length;
      const uint32_t script = script_of(decoded.code_point);
      if (script != 0 && script != last) {
        parts.push_back({i, end});
        last = script;
      } else if (last != 0) {
        parts.back().end = end;
      }
      i = end;
    }
  }
};

}  // namespace

std::unique_ptr<PreTokenizer> make_unicode_scripts_pre_tokenizer() {
  return std::make_unique<ScriptSplitter>();
}

}  // namespace maxsimd
