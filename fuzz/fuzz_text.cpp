// Hostile text against the embedded model's tokenizer: any bytes give ids and offsets inside the
// text, and the fast way through the pipeline gives what the simple one gives.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/text/text_pipeline.h"
#include "maxsimd/text/tokenizer_file.h"

namespace {

void require(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", claim);
  std::abort();
}

maxsimd::TextPipeline load() {
  const std::string path = MAXSIMD_SOURCE_DIR "/models/mini/tokenizer.json";
  return maxsimd::parse_tokenizer_json(maxsimd::MappedFile::open(path).text(), path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const maxsimd::TextPipeline pipeline = load();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  maxsimd::EncodeTextOptions options;
  options.with_offsets = true;
  const maxsimd::Encoding fast = pipeline.encode(text, options);
  const maxsimd::Encoding simple = pipeline.encode_simply(text, options);
  require(fast.ids == simple.ids, "the fast way gives the simple way's ids");
  require(fast.offsets == simple.offsets, "the fast way gives the simple way's offsets");
  require(fast.ids.size() >= 2 && fast.ids.size() <= size + 2, "at most one id a byte");
  for (const maxsimd::ByteRange& range : fast.offsets) {
    require(range.begin <= range.end && range.end <= size, "offsets lie inside the text");
  }
  options.max_length = 8;
  const maxsimd::Encoding cut = pipeline.encode(text, options);
  const size_t kept = cut.ids.size() - 1;
  require(cut.ids.size() <= 8 &&
              std::equal(cut.ids.begin(), cut.ids.begin() + static_cast<std::ptrdiff_t>(kept),
                         fast.ids.begin()),
          "truncation keeps the front");
  return 0;
}
