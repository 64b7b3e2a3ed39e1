// Hugging Face's ids and offsets on large inputs, as hashes (scripts/goldens/tokenizer_sums.py):
// every Unicode scalar value, 100,000 fuzzed texts, whole data sets. Both ways through the pipeline
// are held to them.
#include <gtest/gtest.h>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/base/sha256.h"
#include "maxsimd/text/normalizer.h"
#include "maxsimd/text/pre_tokenizer.h"
#include "maxsimd/text/test_texts.h"
#include "maxsimd/text/tokenizer_file.h"

namespace maxsimd {
namespace {

using text_tests::FuzzedTexts;
using text_tests::is_surrogate;
using text_tests::line_of;
using text_tests::mini_folder;
using text_tests::read_golden;
using text_tests::utf8;

constexpr char32_t kLast = 0x10FFFF;

std::string framed(char32_t c) {
  std::string text = "a";
  append_utf8(text, c);
  text.push_back('b');
  return text;
}

TextPipeline mini_pipeline() {
  const auto path = mini_folder() / "tokenizer.json";
  const MappedFile file = MappedFile::open(path);
  return parse_tokenizer_json(file.text(), path.string());
}

EncodeTextOptions with_offsets() {
  EncodeTextOptions options;
  options.with_offsets = true;
  return options;
}

// Adds the line of a text to a sum; the first text on which the two ways differ is a failure.
class Sum {
 public:
  explicit Sum(const TextPipeline& pipeline) : pipeline_(pipeline) {}

  void add(const std::string& text) {
    const std::string line = line_of(pipeline_.encode(text, with_offsets()));
    if (!differs_) {
      const std::string simple = line_of(pipeline_.encode_simply(text, with_offsets()));
      differs_ = simple != line;
      EXPECT_EQ(line, simple) << "fast and simple way differ on " << nlohmann::json(text).dump();
    }
    hash_.update(line);
    hash_.update("\n");
  }
  std::string short_hex() { return to_hex(hash_.finish()).substr(0, 16); }

 private:
  const TextPipeline& pipeline_;
  Sha256 hash_;
  bool differs_ = false;
};

TEST(TokenizerSums, EveryScalarValueAloneAndFramedIsAsHuggingFace) {
  const TextPipeline pipeline = mini_pipeline();
  const nlohmann::json golden = read_golden("sums.json")["scalars"];
  const char32_t block = golden["per_sum"].get<uint32_t>();
  ASSERT_EQ(golden["sums"].size(), (kLast + 1) / block);
  for (char32_t first = 0; first <= kLast; first += block) {
    Sum sum(pipeline);
    for (char32_t c = first; c < first + block; ++c) {
      if (!is_surrogate(c)) sum.add(utf8(c));
    }
    for (char32_t c = first; c < first + block; ++c) {
      if (!is_surrogate(c)) sum.add(framed(c));
    }
    EXPECT_EQ(sum.short_hex(), golden["sums"][first / block])
        << "code points from " << static_cast<uint32_t>(first);
  }
}

TEST(TokenizerSums, AHundredThousandFuzzedTextsAreAsHuggingFace) {
  const TextPipeline pipeline = mini_pipeline();
  const nlohmann::json golden = read_golden("sums.json")["fuzz"];
  const auto seed = golden["seed"].get<uint64_t>();
  const auto per_sum = golden["strings_per_sum"].get<uint64_t>();
  ASSERT_EQ(golden["sums"].size() * per_sum, 100'000U);
  FuzzedTexts fuzzed;
  for (uint64_t group = 0; group < golden["sums"].size(); ++group) {
    Sum sum(pipeline);
    for (uint64_t i = 0; i < per_sum; ++i) sum.add(fuzzed.text(seed, group * per_sum + i));
    EXPECT_EQ(sum.short_hex(), golden["sums"][group]) << "texts from " << group * per_sum;
  }
}

std::string normalized_sum(const Normalizer& normalizer) {
  Sha256 hash;
  for (char32_t c = 0; c <= kLast; ++c) {
    if (is_surrogate(c)) continue;
    NormalizedText text(framed(c));
    normalizer.apply(text);
    hash.update(text.text());
    hash.update("\n");
  }
  return to_hex(hash.finish()).substr(0, 16);
}

// Offsets in characters, as in the golden file.
std::string pieces_sum(const PreTokenizer& pre_tokenizer, bool every) {
  Sha256 hash;
  for (char32_t c = 0; c <= kLast; ++c) {
    if (is_surrogate(c) || (!every && c >= 0x3000 && c % 7 != 0)) continue;
    const std::string text = framed(c);
    const auto chars = [&text](size_t bytes) {
      return std::to_string(bytes < 2 ? bytes : bytes + 3 - text.size());
    };
    std::vector<NormalizedText> parts(1, NormalizedText(text));
    pre_tokenizer.apply(parts);
    std::string line;
    for (const NormalizedText& piece : parts) {
      const ByteRange part = piece.origin({0, piece.text().size()});
      if (!line.empty()) line.push_back(' ');
      line.append(chars(part.begin)).append(":").append(chars(part.end));
    }
    hash.update(line);
    hash.update("\n");
  }
  return to_hex(hash.finish()).substr(0, 16);
}

TEST(TokenizerSums, EveryScalarValueGoesThroughEveryComponentAsInHuggingFace) {
  const nlohmann::json golden = read_golden("sums.json");
  ASSERT_EQ(golden["components"].size(), 84U);
  for (const nlohmann::json& entry : golden["components"]) {
    const ComponentJson json(entry["component"], "component");
    const std::string type = json.type();
    const bool splits = type.ends_with("PreTokenizer") || type.starts_with("Whitespace") ||
                        type == "Punctuation" || type == "Digits" || type == "Split" ||
                        type == "UnicodeScripts" || type == "Metaspace" || json.has("trim_offsets");
    const std::string sum = splits ? pieces_sum(*make_pre_tokenizer(json), type != "Split")
                                   : normalized_sum(*make_normalizer(json));
    EXPECT_EQ(sum, entry["sum"]) << entry["component"].dump();
  }
}

TEST(TokenizerSums, EveryTextOfTheDataSetsIsAsHuggingFace) {
  const auto data = text_tests::shared_folder() / "data";
  if (!std::filesystem::exists(data)) {
    GTEST_SKIP() << "NOT TESTED: no data sets at " << data << "; set MAXSIMD_SHARED";
  }
  const Tokenizer tokenizer = Tokenizer::load(mini_folder());
  const nlohmann::json golden = read_golden("sums.json");
  ASSERT_EQ(golden["collections"].size(), 11U);
  for (const nlohmann::json& entry : golden["collections"]) {
    const std::string name = entry["file"];
    const std::vector<std::string> texts = text_tests::texts_of(data / name);
    EXPECT_EQ(texts.size(), entry["texts"].get<size_t>()) << name;
    Sha256 hash;
    std::string line;
    for (const std::string& text : texts) {
      line.clear();
      text_tests::append_line(line, tokenizer.encode(text, with_offsets()));
      line.push_back('\n');
      hash.update(line);
    }
    EXPECT_EQ(to_hex(hash.finish()), entry["sum"]) << name;
  }
}

void add_ids(Sha256& hash, const std::vector<TokenId>& ids) {
  std::string line;
  for (const TokenId id : ids) {
    if (!line.empty()) line.push_back(' ');
    line += std::to_string(id);
  }
  line.push_back('\n');
  hash.update(line);
}

// The aggregate check of the list of known bugs: what ColBERT makes of SciFact, ids as PyLate has
// them (marker id behind [CLS], truncation first, queries filled with [MASK]).
TEST(TokenizerSums, SciFactHashesToTheListOfKnownBugs) {
  const auto folder = text_tests::shared_folder() / "data" / "scifact";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "NOT TESTED: no SciFact at " << folder << "; set MAXSIMD_SHARED";
  }
  const Tokenizer tokenizer = Tokenizer::load(mini_folder());
  Sha256 documents;
  size_t num_ids = 0;
  EncodeTextOptions options;
  options.max_length = 299;
  for (const std::string& text : text_tests::texts_of(folder / "corpus.jsonl")) {
    std::vector<TokenId> ids = tokenizer.encode(text, options).ids;
    ids.insert(ids.begin() + 1, 2);
    num_ids += ids.size();
    add_ids(documents, ids);
  }
  EXPECT_EQ(num_ids, 1'388'618U);
  EXPECT_EQ(to_hex(documents.finish()),
            "7891f0f1841635f9135dda66d25e6df117eabb931bf27bf4b63bcd62816ced9c");
  Sha256 queries;
  options.max_length = 31;
  for (const std::string& text : text_tests::texts_of(folder / "queries.jsonl")) {
    std::vector<TokenId> ids = tokenizer.encode(text, options).ids;
    ids.insert(ids.begin() + 1, 1);
    ids.resize(32, 103);
    add_ids(queries, ids);
  }
  EXPECT_EQ(to_hex(queries.finish()),
            "9d7d0c899f12b6aa6376c8be0ff3f367afc4f9087fa71f847bbd6aa997e45a73");
}

}  // namespace
}  // namespace maxsimd
