// Hostile tokenizer.json: it is refused with FormatError, or it loads and then tokenizes, the fast
// way as the simple one, with offsets inside the text, and what it writes loads again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/text_pipeline.h"
#include "maxsimd/text/tokenizer.h"
#include "maxsimd/text/tokenizer_file.h"

namespace {

constexpr std::string_view kText =
    "Hello  [MASK] it's ab ab\r\n\xE2\x96\x81tok 1234 caf\xC3\xA9 e\xCC\x81 "
    "\xE6\x97\xA5\xE6\x9C\xAC a-b--c 12 \xF0\x9F\x98\x80 \xFF";

void require(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", claim);
  std::abort();
}

// The last two bytes of the text are not UTF-8, which the fast ways decline.
void compare_ways(std::string_view json, const maxsimd::EncodeTextOptions& options) {
  const auto pipeline = maxsimd::parse_tokenizer_json(json, "fuzz");
  for (const std::string_view text : {kText, kText.substr(0, kText.size() - 2)}) {
    const maxsimd::Encoding fast = pipeline.encode(text, options);
    const maxsimd::Encoding simple = pipeline.encode_simply(text, options);
    require(fast.ids == simple.ids, "the fast way gives the simple way's ids");
    require(fast.offsets == simple.offsets, "the fast way gives the simple way's offsets");
    for (const maxsimd::ByteRange& range : fast.offsets) {
      require(range.end <= text.size(), "offsets lie inside the text");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  try {
    maxsimd::parse_tokenizer_json(json, "fuzz");
  } catch (const maxsimd::FormatError& error) {  // the answer to a malformed file
    require(std::string_view(error.what()).starts_with("fuzz"), "an error names the file");
    return 0;
  }
  try {
    maxsimd::EncodeTextOptions options;
    options.with_offsets = true;
    compare_ways(json, options);
    const auto tokenizer = maxsimd::Tokenizer::from_json(json, "fuzz");
    tokenizer.encode(kText, options);
    tokenizer.vocab_size();
    tokenizer.mask_id();
    maxsimd::Tokenizer::from_json(tokenizer.to_json(), "written");
  } catch (const maxsimd::FormatError&) {  // of a text that the model has no tokens for
  }
  return 0;
}
