// Hostile tokenizer.json: it is refused with FormatError, or it loads and then tokenizes, and what
// it writes loads again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/tokenizer.h"

namespace {

constexpr std::string_view kText =
    "Hello [MASK] caf\xC3\xA9 e\xCC\x81 \xE6\x97\xA5\xE6\x9C\xAC a-b--c 12 \xF0\x9F\x98\x80 \xFF";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto tokenizer = maxsimd::Tokenizer::from_json(
        std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
    maxsimd::EncodeTextOptions options;
    options.with_offsets = true;
    tokenizer.encode(kText, options);
    tokenizer.vocab_size();
    tokenizer.mask_id();
    maxsimd::Tokenizer::from_json(tokenizer.to_json(), "written");
  } catch (const maxsimd::FormatError&) {  // the answer to a malformed file
  }
  return 0;
}
