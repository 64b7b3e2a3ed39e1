// script_set(): \p{Han} and its like, by a table that was asked of Hugging Face's library
// (scripts/goldens/tokenizer_regex_tables.py). The scripts of the UnicodeScripts pre-tokenizer are
// others: it has a Unicode version of its own.
#include <algorithm>
#include <iterator>

#include "maxsimd/text/regex_char_set.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

// value holds from first up to the first of the next run.
struct Run {
  uint32_t first;
  uint32_t value;
};
struct ScriptName {
  std::string_view name;
  uint32_t value;
};

#include "maxsimd/text/unicode/regex_scripts.inc"

}  // namespace

std::optional<CharSet> script_set(std::string_view name) {
  const ScriptName* const found = std::lower_bound(
      std::begin(kScriptNames), std::end(kScriptNames), name,
      [](const ScriptName& script, std::string_view wanted) { return script.name < wanted; });
  if (found == std::end(kScriptNames) || found->name != name) return std::nullopt;
  CharSet set;
  for (const Run& run : kRegexScriptRuns) {
    const bool is_last = &run == std::end(kRegexScriptRuns) - 1;
    if (run.value == found->value) {
      set.push_back({run.first, is_last ? kLastCodePoint : (&run + 1)->first - 1});
    }
  }
  return set;
}

}  // namespace maxsimd
