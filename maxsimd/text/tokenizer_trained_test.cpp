// Byte-level BPE, byte-fallback BPE and Unigram tokenizers against hashes of what Hugging Face
// makes of fuzzed texts and of whole data sets: small ones that are committed
// (scripts/goldens/tokenizer_small.py), and ones of full size that scripts/goldens/
// tokenizer_trained.py trains into a folder outside the repository (MAXSIMD_TOKENIZERS).
#include <gtest/gtest.h>

#include <cstdlib>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/base/sha256.h"
#include "maxsimd/text/test_texts.h"
#include "maxsimd/text/text_pipeline.h"
#include "maxsimd/text/tokenizer_file.h"

namespace maxsimd {
namespace {

EncodeTextOptions with_offsets() {
  EncodeTextOptions options;
  options.with_offsets = true;
  return options;
}

class Trained {
 public:
  explicit Trained(const std::filesystem::path& path)
      : pipeline_(parse_tokenizer_json(MappedFile::open(path).text(), path.string())) {}

  // Both ways through the pipeline; the first text on which they differ is a failure.
  void expect_fuzz(const nlohmann::json& golden, bool is_long) const {
    text_tests::FuzzedTexts fuzzed;
    const auto per_sum = golden["strings_per_sum"].get<uint64_t>();
    for (uint64_t group = 0; group < golden["sums"].size(); ++group) {
      Sha256 hash;
      for (uint64_t i = group * per_sum; i < (group + 1) * per_sum; ++i) {
        const auto seed = golden["seed"].get<uint64_t>();
        const std::string text = is_long ? fuzzed.long_text(seed, i) : fuzzed.text(seed, i);
        const std::string line = text_tests::line_of(pipeline_.encode(text, with_offsets()));
        ASSERT_EQ(line, text_tests::line_of(pipeline_.encode_simply(text, with_offsets())))
            << "fast and simple way differ on " << nlohmann::json(text).dump();
        hash.update(line + "\n");
      }
      EXPECT_EQ(to_hex(hash.finish()).substr(0, 16), golden["sums"][group])
          << "texts from " << group * per_sum;
    }
  }

  void expect_file(const std::filesystem::path& path, const nlohmann::json& golden) const {
    const std::vector<std::string> texts = text_tests::texts_of(path);
    EXPECT_EQ(texts.size(), golden["texts"].get<size_t>()) << path;
    Sha256 hash;
    std::string line;
    for (const std::string& text : texts) {
      line.clear();
      text_tests::append_line(line, pipeline_.encode(text, with_offsets()));
      line.push_back('\n');
      hash.update(line);
    }
    EXPECT_EQ(to_hex(hash.finish()), golden["sum"]) << path;
  }

 private:
  TextPipeline pipeline_;
};

const std::vector<std::string> kSmall = {"modernbert", "roberta",  "llama3",    "llama2",   "xlmr",
                                         "o200k",      "deepseek", "camembert", "wordlevel"};

TEST(TokenizerTrained, SmallOnesAreAsHuggingFaceOnFuzzedTexts) {
  const nlohmann::json golden = text_tests::read_golden("trained_sums.json");
  for (const std::string& kind : kSmall) {
    SCOPED_TRACE(kind);
    const Trained trained(text_tests::source_folder() / "maxsimd" / "text" / "testdata" /
                          ("trained_" + kind + ".json"));
    trained.expect_fuzz(golden[kind]["fuzz"], false);
    trained.expect_fuzz(golden[kind]["long"], true);
  }
}

TEST(TokenizerTrained, SmallOnesAreAsHuggingFaceOnDataSets) {
  const auto data = text_tests::shared_folder() / "data";
  if (!std::filesystem::exists(data)) {
    GTEST_SKIP() << "NOT TESTED: no data sets at " << data << "; set MAXSIMD_SHARED";
  }
  const nlohmann::json golden = text_tests::read_golden("trained_sums.json");
  for (const std::string& kind : kSmall) {
    SCOPED_TRACE(kind);
    const Trained trained(text_tests::source_folder() / "maxsimd" / "text" / "testdata" /
                          ("trained_" + kind + ".json"));
    for (const nlohmann::json& entry : golden[kind]["collections"]) {
      trained.expect_file(data / entry["file"].get<std::string>(), entry);
    }
  }
}

TEST(TokenizerTrained, LargeOnesAreAsHuggingFace) {
  const char* const folder = std::getenv("MAXSIMD_TOKENIZERS");
  if (folder == nullptr) {
    GTEST_SKIP() << "NOT TESTED: no tokenizers of full size; run "
                    "scripts/goldens/tokenizer_trained.py and set MAXSIMD_TOKENIZERS";
  }
  const std::filesystem::path root = folder;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (!std::filesystem::exists(entry.path() / "sums.json")) continue;
    SCOPED_TRACE(entry.path().string());
    const nlohmann::json golden = read_json_file(entry.path() / "sums.json");
    const Trained trained(entry.path() / "tokenizer.json");
    trained.expect_fuzz(golden["fuzz"], false);
    trained.expect_fuzz(golden["long"], true);
    for (const nlohmann::json& file : golden["collections"]) {
      trained.expect_file(text_tests::shared_folder() / "data" / file["file"].get<std::string>(),
                          file);
    }
    if (golden.contains("passages")) {
      trained.expect_file(root / "passages.jsonl", golden["passages"]);
    }
  }
}

}  // namespace
}  // namespace maxsimd
