// The ColBERT rules on a tiny model, and on models/mini the ids and row counts of the known bugs
// B19 to B23 (computed with Hugging Face tokenizers and PyLate).
#include "maxsimd/colbert/colbert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

using testing_support::TempFolder;
using testing_support::write_text;
using testing_support::write_tiny_model;

using Ids = std::vector<TokenId>;

const ColBERT& mini() {
  static const ColBERT model = ColBERT::load(MAXSIMD_SOURCE_DIR "/models/mini", {.num_threads = 2});
  return model;
}

std::string repeated(const std::string& word, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += word;
  return out;
}

size_t document_rows(const ColBERT& model, const std::string& text) {
  return model.encode_documents(std::vector<std::string>{text}).rows(0);
}

std::vector<float> vectors(const ColBERT& model, const std::string& text, TextKind kind) {
  return model.encode(std::vector<std::string>{text}, kind).values;
}

class TinyColBERT : public testing::Test {
 protected:
  void SetUp() override { write_tiny_model(folder_.path()); }
  ColBERT load(const CheckpointOptions& options = {}) const {
    return ColBERT::load(folder_.path(), {.checkpoint = options, .num_threads = 2});
  }
  std::string load_error(const CheckpointOptions& options) const {
    try {
      load(options);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
};

TEST_F(TinyColBERT, RowsAreUnitVectorsAndPunctuationIsSkippedInDocumentsOnly) {
  const ColBERT model = load();
  const Embeddings documents =
      model.encode_documents(std::vector<std::string>{"hello, world!", "a"});
  EXPECT_EQ(documents.dim, 4U);
  EXPECT_EQ(documents.offsets, (std::vector<uint64_t>{0, 5, 9}));
  for (size_t r = 0; r < 9; ++r) {
    double norm = 0;
    for (size_t d = 0; d < 4; ++d)
      norm += std::pow(static_cast<double>(documents.values[r * 4 + d]), 2);
    EXPECT_NEAR(norm, 1.0, 1e-6);
  }
  EXPECT_EQ(model.tokenize("hello, a", TextKind::query).ids, (Ids{4, 1, 12, 19, 7, 5, 6, 6}));
  EXPECT_EQ(model.encode_queries(std::vector<std::string>{"hello, a"}).rows(0), 8U);
}

TEST_F(TinyColBERT, WithoutNormalisationOnlyTheLengthDiffers) {
  const ColBERT model = load();
  const std::vector<std::string> texts = {"red cat runs"};
  const Embeddings plain = model.encode_documents(texts, {.normalize_embeddings = false});
  const Embeddings unit = model.encode_documents(texts);
  for (size_t r = 0; r < plain.num_tokens(); ++r) {
    double norm = 0;
    for (size_t d = 0; d < 4; ++d)
      norm += std::pow(static_cast<double>(plain.values[r * 4 + d]), 2);
    EXPECT_GT(std::abs(std::sqrt(norm) - 1.0), 1e-4);
    for (size_t d = 0; d < 4; ++d) {
      EXPECT_NEAR(static_cast<double>(plain.values[r * 4 + d]) / std::sqrt(norm),
                  static_cast<double>(unit.values[r * 4 + d]), 1e-6);
    }
  }
}

TEST_F(TinyColBERT, PromptsComeBeforeTheTextAndAreNotPartOfItsBytes) {
  write_text(folder_.path() / "config_sentence_transformers.json",
             R"({"query_prefix": "[unused0]", "document_prefix": "[unused1]", "query_length": 12,
                 "prompts": {"ask": "the cat: "}, "default_prompt_name": null})");
  const ColBERT model = load();
  const TokenizedText plain = model.tokenize("red dog", TextKind::query);
  const TokenizedText prompted =
      model.tokenize("  red dog ", TextKind::query, {.prompt_name = "ask"});
  EXPECT_EQ(plain.ids, (Ids{4, 1, 14, 23, 5, 6, 6, 6, 6, 6, 6, 6}));
  EXPECT_EQ(prompted.ids, (Ids{4, 1, 21, 22, 3, 14, 23, 5, 6, 6, 6, 6}));
  EXPECT_EQ(prompted.offsets[2], (ByteRange{0, 0}));
  EXPECT_EQ(prompted.offsets[5], (ByteRange{2, 5}));
  EXPECT_EQ(prompted.offsets[6], (ByteRange{6, 9}));
  EXPECT_EQ(model.tokenize("dog", TextKind::query, {.prompt = "red "}).ids, plain.ids);
  EXPECT_THROW(model.tokenize("dog", TextKind::query, {.prompt_name = "nope"}),
               std::invalid_argument);
}

TEST_F(TinyColBERT, DescribeRowsNamesTokenAndBytesOfEveryKeptRow) {
  const ColBERT model = load();
  const std::string text = " The cats, fast";
  const auto rows = model.describe_rows(text, TextKind::document);
  std::vector<std::string> tokens;
  for (const RowDescription& row : rows) tokens.push_back(row.token);
  EXPECT_EQ(tokens,
            (std::vector<std::string>{"[CLS]", "[unused1]", "the", "cat", "##s", "fast", "[SEP]"}));
  EXPECT_EQ(rows[3].bytes, (ByteRange{5, 8}));
  EXPECT_EQ(rows[4].bytes, (ByteRange{8, 9}));
  EXPECT_EQ(rows[5].bytes, (ByteRange{11, 15}));
  EXPECT_EQ(rows[6].bytes, (ByteRange{0, 0}));
  EXPECT_EQ(rows.size(), document_rows(model, text));
}

TEST_F(TinyColBERT, PoolFactorKeepsTheProtectedRowAndMergesTheRest) {
  const ColBERT model = load();
  const std::vector<std::string> texts = {"hello world red blue cat dog runs fast slow", "a"};
  const Embeddings plain = model.encode_documents(texts);
  const Embeddings pooled = model.encode_documents(texts, {.pool_factor = 2});
  EXPECT_EQ(plain.rows(0), 12U);
  EXPECT_EQ(pooled.rows(0), 1U + 5U);
  EXPECT_EQ(pooled.rows(1), 1U + 1U);
  EXPECT_TRUE(std::equal(pooled.values.begin(), pooled.values.begin() + 4, plain.values.begin()));
  EXPECT_THROW(model.encode_documents(texts, {.pool_factor = 0}), std::invalid_argument);
}

// Known bug B04: prefixes that are not in the vocabulary get new ids and the table grows.
TEST_F(TinyColBERT, UnknownPrefixesAreAddedNeverUnk) {
  const ColBERT model = load({.query_prefix = "[Q] ", .document_prefix = "[D] "});
  EXPECT_EQ(model.tokenize("cat", TextKind::query).ids, (Ids{4, 27, 22, 5, 6, 6, 6, 6}));
  EXPECT_EQ(model.tokenize("cat", TextKind::document).ids, (Ids{4, 28, 22, 5}));
  EXPECT_EQ(model.encoder_shape().vocab_size,
            29U);  // the table's 13 rows past the tokens are cut off
  EXPECT_EQ(document_rows(model, "cat"), 4U);
  EXPECT_EQ(std::count_if(model.notes().begin(), model.notes().end(),
                          [](const std::string& note) {
                            return note.find("not in the vocabulary") != std::string::npos;
                          }),
            2);
}

TEST_F(TinyColBERT, APartOfTheTokenizerThatTransformers5MakesAnewIsANote) {
  std::string json = Tokenizer::load(folder_.path()).to_json();
  write_text(folder_.path() / "tokenizer.json", json);
  const auto has_note = [](const ColBERT& model) {
    return std::ranges::any_of(model.notes(), [](const std::string& note) {
      return note.find("'normalizer'") != std::string::npos;
    });
  };
  EXPECT_FALSE(has_note(load()));
  const std::string field = "\"clean_text\": true";
  json.replace(json.find(field), field.size(), "\"clean_text\": false");
  write_text(folder_.path() / "tokenizer.json", json);
  EXPECT_TRUE(has_note(load()));
}

TEST_F(TinyColBERT, TheEmbeddingTableGrowsWithThePrefixes) {
  write_tiny_model(folder_.path(), {.vocab = 27});
  const ColBERT model = load({.query_prefix = "[Q] ", .document_prefix = "[D] "});
  EXPECT_EQ(model.encoder_shape().vocab_size, 29U);
  EXPECT_EQ(document_rows(model, "cat"), 4U);
}

// Known bug B13 (d): a prefix of "" means no prefix.
TEST_F(TinyColBERT, EmptyPrefixInsertsNothing) {
  const ColBERT model = load({.query_prefix = "", .document_prefix = ""});
  EXPECT_EQ(model.tokenize("cat", TextKind::document).ids, (Ids{4, 22, 5}));
  EXPECT_EQ(model.tokenize("cat", TextKind::query).ids, (Ids{4, 22, 5, 6, 6, 6, 6, 6}));
}

// Known bug B13 (e).
TEST_F(TinyColBERT, EmptySkiplistSkipsNothing) {
  EXPECT_EQ(document_rows(load({.skiplist_words = std::vector<std::string>{}}), "..."), 6U);
  EXPECT_EQ(document_rows(load(), "..."), 3U);
}

TEST_F(TinyColBERT, TheSkiplistMayBeLeftOutOfACall) {
  const ColBERT model = load();
  const std::vector<std::string> texts{"hello, world!", "..."};
  const Embeddings all = model.encode_documents(texts, {.apply_skiplist = false});
  const Embeddings kept = model.encode_documents(texts);
  for (size_t t = 0; t < texts.size(); ++t) {
    const TokenizedText tokenized = model.tokenize(texts[t], TextKind::document);
    ASSERT_EQ(all.rows(t), tokenized.ids.size());
    std::vector<float> chosen;
    for (size_t r = 0; r < all.rows(t); ++r) {
      const float* row = all.matrix(t).data + r * all.dim;
      if (tokenized.keep[r] != 0) chosen.insert(chosen.end(), row, row + all.dim);
    }
    const MatrixView<const float> expected = kept.matrix(t);
    EXPECT_EQ(chosen, std::vector<float>(expected.data, expected.data + expected.size()));
  }
}

// Known bug B22: lengths past the position table are clamped with a note; too small ones refused.
TEST_F(TinyColBERT, LengthsAreClampedToThePositionsOrRefused) {
  const ColBERT model = load({.query_length = 100, .document_length = 65});
  EXPECT_EQ(model.settings().document_length, 64U);
  EXPECT_EQ(model.checkpoint().settings.document_length, 64U);  // what a folder of it says
  EXPECT_EQ(model.checkpoint().settings.query_length, 64U);
  EXPECT_EQ(model.settings().query_length, 64U);
  EXPECT_EQ(model.tokenize(repeated("a ", 200), TextKind::document).ids.size(), 64U);
  EXPECT_EQ(document_rows(model, repeated("a ", 200)), 64U);
  EXPECT_NE(load_error({.document_length = 2}).find("document_length is 2"), std::string::npos);
  EXPECT_NE(load_error({.query_length = 1}).find("query_length is 1"), std::string::npos);
  EXPECT_EQ(load_error({.document_length = 3}), "");
}

// Issue 9: PyLate puts the prefix behind an expansion token then.
TEST_F(TinyColBERT, AQueryOfZeroIdsThatWouldBeFilledUpIsRefused) {
  std::string tokenizer = testing_support::tiny_tokenizer_json();
  const size_t at = tokenizer.find("\"post_processor\":");
  const size_t end = tokenizer.find(",\"pre_tokenizer\"", at);
  tokenizer.replace(at, end - at, "\"post_processor\":null");
  write_text(folder_.path() / "tokenizer.json", tokenizer);
  const std::vector<std::string> empty = {""};
  try {
    load().encode_queries(empty);
    FAIL() << "no error";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("query of no tokens"), std::string::npos);
  }
  EXPECT_EQ(load({.query_prefix = ""}).encode_queries(empty).rows(0), 8U);
  EXPECT_EQ(load({.do_query_expansion = false}).encode_queries(empty).rows(0), 1U);
}

// Known bug B23: a text of zero ids is a document of zero rows and shifts nobody.
TEST_F(TinyColBERT, ZeroIdTextsAreZeroRowDocuments) {
  std::string tokenizer = testing_support::tiny_tokenizer_json();
  const size_t at = tokenizer.find("\"post_processor\":");
  const size_t end = tokenizer.find(",\"pre_tokenizer\"", at);
  tokenizer.replace(at, end - at, "\"post_processor\":null");
  write_text(folder_.path() / "tokenizer.json", tokenizer);
  const ColBERT model = load({.query_prefix = "", .document_prefix = ""});
  const Embeddings got = model.encode_documents(std::vector<std::string>{"", "cat", " ", "dog"});
  EXPECT_EQ(got.offsets, (std::vector<uint64_t>{0, 0, 1, 1, 2}));
  EXPECT_EQ(vectors(model, "dog", TextKind::document),
            std::vector<float>(got.values.end() - 4, got.values.end()));
}

// sentence-transformers may put the encoder and its tokenizer in a folder of their own.
TEST_F(TinyColBERT, TheTransformerMayLieInASubfolder) {
  const std::vector<float> expected = vectors(load(), "red cat", TextKind::document);
  std::filesystem::create_directory(folder_.path() / "0_Transformer");
  for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    std::filesystem::rename(folder_.path() / name, folder_.path() / "0_Transformer" / name);
  }
  write_text(folder_.path() / "modules.json",
             R"([{"idx": 0, "name": "0", "path": "0_Transformer",
                  "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "name": "1", "path": "1_Dense", "type": "pylate.models.Dense.Dense"}])");
  EXPECT_EQ(vectors(load(), "red cat", TextKind::document), expected);
}

// Known bug B20: a vector that is not finite is an error with the text's number, never a result.
TEST_F(TinyColBERT, OverflowIsAnErrorThatNamesTheText) {
  auto tensors = testing_support::tiny_bert_tensors({});
  for (float& v : tensors["encoder.layer.1.output.LayerNorm.weight"].values) v = 3e38F;
  testing_support::write_safetensors(folder_.path() / "model.safetensors", tensors);
  const ColBERT model = load();
  try {
    model.encode_documents(std::vector<std::string>{"cat", "dog"});
    FAIL();
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("text 0"), std::string::npos) << error.what();
  }
}

TEST_F(TinyColBERT, ProgressReachesTheTotal) {
  const ColBERT model = load();
  const std::vector<std::string> texts(700, "red cat");
  size_t last = 0;
  bool grows = true;
  model.encode_documents(texts, {.progress = [&](size_t done, size_t total) {
                           grows = grows && done > last && total == 700;
                           last = done;
                         }});
  EXPECT_TRUE(grows);
  EXPECT_EQ(last, 700U);
}

// Known bug B19, on the real model: the same to the bit in every arrangement.
TEST(MiniColBERT, ATextsVectorsDoNotDependOnTheBatch) {
  const std::vector<std::string> texts = {"a", "Hello, World!", repeated("winter tide ", 60),
                                          repeated("deep ocean current ", 93)};
  std::vector<std::vector<float>> alone;
  for (const std::string& text : texts) alone.push_back(vectors(mini(), text, TextKind::document));
  EXPECT_EQ(alone[0].size(), 4U * 96U);
  EXPECT_EQ(alone[1].size(), 5U * 96U);
  const std::vector<std::string> reversed(texts.rbegin(), texts.rend());
  const Embeddings batch = mini().encode_documents(texts);
  const Embeddings back = mini().encode_documents(reversed);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto rows = batch.matrix(i);
    const auto other = back.matrix(texts.size() - 1 - i);
    EXPECT_EQ(std::vector<float>(rows.data, rows.data + rows.size()), alone[i]) << i;
    EXPECT_EQ(std::vector<float>(other.data, other.data + other.size()), alone[i]) << i;
  }
}

// Short and long together: some of the chunks are one thread's, some are shared by all.
TEST(MiniColBERT, ATextsVectorsDoNotDependOnTheThreads) {
  std::vector<std::string> texts;
  for (const size_t words : {400U, 3U, 90U, 1U, 0U, 150U, 7U, 60U, 400U, 12U, 2U, 33U, 400U}) {
    texts.push_back(repeated("deep tide ", words / 2) + "winter");
  }
  const std::string folder = MAXSIMD_SOURCE_DIR "/models/mini";
  for (const TextKind kind : {TextKind::document, TextKind::query}) {
    std::vector<float> alone;
    for (const std::string& text : texts) {
      const std::vector<float> rows = vectors(mini(), text, kind);
      alone.insert(alone.end(), rows.begin(), rows.end());
    }
    for (const size_t threads : {1U, 2U, 7U}) {
      const ColBERT model = ColBERT::load(folder, {.num_threads = threads});
      EXPECT_EQ(model.encode(texts, kind).values, alone) << threads;
    }
  }
}

// Known bug B21.
TEST(MiniColBERT, QueryExpansionFillsWithMaskThatNobodyAttendsTo) {
  const TokenizedText hello = mini().tokenize("hello", TextKind::query);
  Ids expected = {101, 1, 7592, 102};
  expected.resize(32, 103);
  EXPECT_EQ(hello.ids, expected);
  EXPECT_EQ(hello.num_real, 4U);
  EXPECT_EQ(hello.num_attended, 4U);
  Ids empty = {101, 1, 102};
  empty.resize(32, 103);
  EXPECT_EQ(mini().tokenize("", TextKind::query).ids, empty);
  Ids full = {101, 1};
  full.resize(31, 1037);
  full.push_back(102);
  EXPECT_EQ(mini().tokenize(repeated("a ", 100), TextKind::query).ids, full);
  for (const size_t pieces : {29U, 30U, 31U}) {
    EXPECT_EQ(mini().tokenize(repeated("a ", pieces), TextKind::query).ids, full) << pieces;
  }
  const std::vector<float> rows = vectors(mini(), "hello", TextKind::query);
  ASSERT_EQ(rows.size(), 32U * 96U);
  for (size_t r = 0; r < 32; ++r) {
    double norm = 0;
    for (size_t d = 0; d < 96; ++d) norm += std::pow(static_cast<double>(rows[r * 96 + d]), 2);
    EXPECT_NEAR(norm, 1.0, 1e-5) << r;
  }
}

TEST(MiniColBERT, ExpansionRowsDoNotChangeTheRealRows) {  // B21
  const std::string folder = MAXSIMD_SOURCE_DIR "/models/mini";
  const ColBERT bare = ColBERT::load(folder, {.checkpoint = {.do_query_expansion = false}});
  const ColBERT attending =
      ColBERT::load(folder, {.checkpoint = {.attend_to_expansion_tokens = true}});
  const std::vector<float> expanded = vectors(mini(), "hello", TextKind::query);
  const std::vector<float> plain = vectors(bare, "hello", TextKind::query);
  ASSERT_EQ(plain.size(), 4U * 96U);
  for (size_t i = 0; i < plain.size(); ++i) ASSERT_NEAR(plain[i], expanded[i], 1e-5F);
  EXPECT_EQ(attending.tokenize("hello", TextKind::query).num_attended, 32U);
  EXPECT_EQ(attending.tokenize("hello", TextKind::document).num_attended, 4U);
  const std::vector<float> attended = vectors(attending, "hello", TextKind::query);
  double difference = 0;
  for (size_t i = 0; i < plain.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(attended[i] - plain[i])));
  }
  EXPECT_GT(difference, 1e-3);
}

// Known bug B22: truncate first, then insert and skip.
TEST(MiniColBERT, LongDocumentsKeepClsPrefixAndSep) {
  const Ids ids = mini().tokenize(repeated("a ", 400), TextKind::document).ids;
  ASSERT_EQ(ids.size(), 300U);
  EXPECT_EQ(ids[0], 101);
  EXPECT_EQ(ids[1], 2);
  EXPECT_EQ(ids.back(), 102);
  EXPECT_EQ(document_rows(mini(), repeated("a ", 400)), 300U);
  EXPECT_EQ(mini().tokenize(repeated(".", 5000), TextKind::document).ids.size(), 300U);
  EXPECT_EQ(document_rows(mini(), repeated(".", 5000)), 3U);
}

// Known bug B22, and B05: document_length wins over the truncation block of tokenizer.json.
TEST(MiniColBERT, DocumentLengthAlwaysWins) {
  const std::string folder = MAXSIMD_SOURCE_DIR "/models/mini";
  for (const size_t length : {512U, 64U}) {
    const ColBERT model = ColBERT::load(folder, {.checkpoint = {.document_length = length}});
    EXPECT_EQ(model.tokenize(repeated("a ", 600), TextKind::document).ids.size(), length);
  }
  for (const size_t length : {513U, 600U}) {
    const ColBERT model = ColBERT::load(folder, {.checkpoint = {.document_length = length}});
    EXPECT_EQ(document_rows(model, repeated("a ", 700)), 512U);
    EXPECT_EQ(model.notes().size(), 1U);
  }
}

// Known bug B23.
TEST(MiniColBERT, EmptyAndPunctuationDocumentsKeepTheirPlace) {
  const std::vector<std::string> texts = {"", "   ", "\t\n", "...", "\u200b", "ok"};
  const Embeddings got = mini().encode_documents(texts);
  EXPECT_EQ(got.offsets, (std::vector<uint64_t>{0, 3, 6, 9, 12, 15, 19}));
  EXPECT_EQ(mini().tokenize("...", TextKind::document).ids.size(), 6U);
  const Embeddings none = mini().encode_documents(std::vector<std::string>{});
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(mini().encode_queries(std::vector<std::string>{""}).rows(0), 32U);
}

// Known bug B04: marker tokens in a user's text are those tokens.
TEST(MiniColBERT, MarkerTokensInTextAreTheirIds) {
  EXPECT_EQ(mini().tokenize("[unused1]", TextKind::document).ids, (Ids{101, 2, 2, 102}));
  EXPECT_EQ(mini().tokenize("Hello, World!", TextKind::document).ids,
            (Ids{101, 2, 7592, 1010, 2088, 999, 102}));
}

}  // namespace
}  // namespace maxsimd
