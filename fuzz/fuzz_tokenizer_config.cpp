// The files beside a tokenizer, from bytes: tokenizer_config.json, special_tokens_map.json,
// added_tokens.json and config.json, parted by bytes of 0, with a small vocab.txt (first byte
// even) or tokenizer.json. A FormatError that names a file of the folder, or a tokenizer whose ids
// lie inside its vocabulary.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/tokenizer.h"

namespace {

using namespace maxsimd;
namespace fs = std::filesystem;

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##a\n##b\nA\n";
constexpr const char* kTokenizer =
    R"({"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "##a": 6}},
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": null, "decoder": null, "added_tokens": []})";

void require(bool condition) {
  if (!condition) std::abort();
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// The part before the next byte of 0, which it takes off.
std::string_view take_part(std::string_view& bytes) {
  const std::string_view part = bytes.substr(0, bytes.find('\0'));
  bytes.remove_prefix(std::min(bytes.size(), part.size() + 1));
  return part;
}

std::optional<Tokenizer> load(const fs::path& folder) {
  try {
    return Tokenizer::load(folder);
  } catch (const FormatError& error) {
    const std::string_view message = error.what();
    require(message.starts_with(folder.string()) && message.size() < 4096);
    require(!find_invalid_utf8(message) && message.find('\n') == message.npos);
    return std::nullopt;
  }
}

void check(const fs::path& folder) {
  const std::optional<Tokenizer> tokenizer = load(folder);
  if (!tokenizer.has_value()) return;
  for (const TokenId id : tokenizer->encode("aB a\xCC\x81 [MASK] <x> \xE4\xB8\xAD").ids) {
    require(id >= 0 && static_cast<size_t>(id) < tokenizer->vocab_size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fs::path folder =
      fs::temp_directory_path() / ("fuzz_tokenizer_config-" + std::to_string(getpid()));
  if (size == 0) return 0;
  fs::remove_all(folder);
  fs::create_directory(folder);
  if (data[0] % 2 == 0) {
    write(folder / "vocab.txt", kVocabulary);
  } else {
    write(folder / "tokenizer.json", kTokenizer);
  }
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const char* name :
       {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json"}) {
    const std::string_view part = take_part(bytes);
    if (!part.empty()) write(folder / name, part);
  }
  check(folder);
  fs::remove_all(folder);
  return 0;
}
