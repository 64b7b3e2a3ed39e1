// The stream beside ColBERT::encode() of each text alone: the same bits, in order, in bounded
// memory; and what happens when either side fails.
#include "maxsimd/colbert/encoding_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <thread>

#include "maxsimd/base/errors.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

using testing_support::TempFolder;
using testing_support::write_tiny_model;

/// Short and long ones, some without a word.
std::vector<std::string> some_texts(size_t count) {
  const std::vector<std::string> words = {"red ", "cat", "dog, ", " runs", " fast. "};
  std::vector<std::string> texts(count);
  for (size_t i = 0; i < count; ++i) {
    for (size_t w = 0; w < i * 7 % 23; ++w) texts[i] += words[(i + w) % words.size()];
  }
  return texts;
}

/// All pieces of a stream, one after another.
struct Collected {
  std::vector<std::string> texts;
  Embeddings embeddings;
  std::vector<size_t> piece_sizes;

  void add(const EncodedPiece& piece) {
    EXPECT_EQ(piece.first, texts.size());
    EXPECT_EQ(piece.texts.size(), piece.embeddings.size());
    embeddings.dim = piece.embeddings.dim;
    for (size_t i = 0; i < piece.embeddings.size(); ++i) {
      embeddings.append(piece.embeddings.matrix(i));
    }
    texts.insert(texts.end(), piece.texts.begin(), piece.texts.end());
    piece_sizes.push_back(piece.texts.size());
  }
};

Collected encode_all(const ColBERT& model, TextKind kind, const std::vector<std::string>& texts,
                     const EncodingStreamOptions& options) {
  Collected got;
  EncodingStream stream(model, kind, options, [&](EncodedPiece& piece) { got.add(piece); });
  for (const std::string& text : texts) stream.push(text);
  stream.finish();
  return got;
}

class EncodingStreamTest : public testing::Test {
 protected:
  void SetUp() override { write_tiny_model(folder_.path()); }
  ColBERT load(size_t num_threads = 2) const {
    return ColBERT::load(folder_.path(), {.num_threads = num_threads});
  }
  /// A model that gives vectors that are not finite for texts with the word "slow".
  ColBERT load_damaged() const {
    auto tensors = testing_support::tiny_bert_tensors({});
    auto& table = tensors["embeddings.word_embeddings.weight"];
    const size_t hidden = table.shape[1];
    const auto& words = testing_support::tiny_vocabulary();
    const auto row = std::ranges::find(words, "slow") - words.begin();
    const auto values = table.values.begin() + row * static_cast<std::ptrdiff_t>(hidden);
    std::fill_n(values, hidden, std::numeric_limits<float>::max());  // their sum overflows
    testing_support::write_safetensors(folder_.path() / "model.safetensors", tensors);
    return load();
  }
  TempFolder folder_;
};

TEST_F(EncodingStreamTest, EveryTextHasTheVectorsItHasAlone) {
  const std::vector<std::string> texts = some_texts(60);
  for (const TextKind kind : {TextKind::document, TextKind::query}) {
    for (const size_t pool_factor : {1U, 2U}) {
      const EncodeOptions encode = {.pool_factor = pool_factor};
      const ColBERT reference = load();
      Embeddings alone{.dim = reference.dim()};
      for (const std::string& text : texts) {
        alone.append(reference.encode(std::vector<std::string>{text}, kind, encode).matrix(0));
      }
      for (const size_t threads : {1U, 2U, 7U}) {
        for (const size_t piece_texts : {1U, 7U, 512U}) {
          const Collected got = encode_all(load(threads), kind, texts,
                                           {.encode = encode, .piece_texts = piece_texts});
          EXPECT_EQ(got.texts, texts);
          EXPECT_EQ(got.embeddings.offsets, alone.offsets);
          EXPECT_EQ(got.embeddings.values, alone.values) << threads << ' ' << piece_texts;
        }
      }
    }
  }
}

TEST(MiniEncodingStream, EveryTextHasTheVectorsItHasAlone) {
  const std::string folder = MAXSIMD_SOURCE_DIR "/models/mini";
  std::vector<std::string> texts = some_texts(40);
  for (size_t i = 0; i < 400; ++i) texts[13] += "deep winter tide ";
  const ColBERT reference = ColBERT::load(folder, {.num_threads = 2});
  std::vector<float> alone;
  for (const std::string& text : texts) {
    const Embeddings one = reference.encode_documents(std::vector<std::string>{text});
    alone.insert(alone.end(), one.values.begin(), one.values.end());
  }
  for (const size_t threads : {1U, 2U, 7U}) {
    const ColBERT model = ColBERT::load(folder, {.num_threads = threads});
    const Collected got = encode_all(model, TextKind::document, texts, {.piece_tokens = 500});
    EXPECT_GT(got.piece_sizes.size(), 2U);
    EXPECT_EQ(got.embeddings.values, alone) << threads;
  }
}

TEST_F(EncodingStreamTest, PiecesEndByTextsBytesOrTokens) {
  using Sizes = std::vector<size_t>;
  const ColBERT model = load();
  const std::vector<std::string> texts(7, "red cat");  // estimated at 3 + 2 tokens
  const auto sizes = [&](TextKind kind, const EncodingStreamOptions& options) {
    return encode_all(model, kind, texts, options).piece_sizes;
  };
  EXPECT_EQ(sizes(TextKind::document, {}), (Sizes{7}));
  EXPECT_EQ(sizes(TextKind::document, {.piece_texts = 3}), (Sizes{3, 3, 1}));
  EXPECT_EQ(sizes(TextKind::document, {.piece_bytes = 14}), (Sizes{2, 2, 2, 1}));
  EXPECT_EQ(sizes(TextKind::document, {.piece_tokens = 20}), (Sizes{4, 3}));
  EXPECT_EQ(sizes(TextKind::query, {.piece_tokens = 32}), (Sizes{4, 3})) << "8 tokens a query";
}

TEST_F(EncodingStreamTest, NoMoreThanThePiecesAreInMemory) {
  const ColBERT model = load();
  constexpr size_t kTexts = 5;
  size_t pushed = 0, handed_out = 0;
  const auto count = [&](EncodedPiece& piece) {
    EXPECT_LE(pushed - handed_out, EncodingStream::kPieces * kTexts);
    handed_out += piece.texts.size();
  };
  EncodingStream stream(model, TextKind::document, {.piece_texts = kTexts}, count);
  for (; pushed < 1000; ++pushed) {
    stream.push("red cat runs");
    EXPECT_LE(pushed + 1 - handed_out, EncodingStream::kPieces * kTexts);
  }
  stream.finish();
  EXPECT_EQ(handed_out, 1000U);
}

TEST_F(EncodingStreamTest, NoTextsAreNoPieces) {
  const ColBERT model = load();
  EXPECT_TRUE(encode_all(model, TextKind::document, {}, {}).piece_sizes.empty());
  const EncodingStream never_used(model, TextKind::query, {}, [](EncodedPiece&) { FAIL(); });
}

TEST_F(EncodingStreamTest, ProgressIsToldInTheCallersThreadUpToTheTotal) {
  const ColBERT model = load();
  const auto caller = std::this_thread::get_id();
  size_t last = 0;
  const auto progress = [&](size_t done, size_t total) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_GT(done, last);
    EXPECT_EQ(total, 100U);
    last = done;
  };
  encode_all(model, TextKind::document, some_texts(100),
             {.encode = {.progress = progress}, .total = 100, .piece_texts = 8});
  EXPECT_EQ(last, 100U);
}

TEST_F(EncodingStreamTest, ATextThatCannotBeEncodedIsNamedAfterThePiecesBeforeIt) {
  const ColBERT model = load_damaged();
  size_t handed_out = 0;
  EncodingStream stream(model, TextKind::document, {.piece_texts = 4},
                        [&](EncodedPiece& piece) { handed_out += piece.texts.size(); });
  const auto feed = [&] {
    for (size_t i = 0; i < 1000; ++i) stream.push(i == 9 ? "slow cat" : "red cat");
    stream.finish();
  };
  for (int call = 0; call < 2; ++call) {  // a second call is told the same
    try {
      feed();
      FAIL();
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find("text 9:"), std::string::npos) << error.what();
    }
    EXPECT_EQ(handed_out, 8U);
  }
  EXPECT_THROW(stream.finish(), FormatError);
}

TEST_F(EncodingStreamTest, WhatTheCallbackThrowsReachesTheCallerAndTheStreamEnds) {
  const ColBERT model = load();
  size_t calls = 0;
  const auto fail_once = [&](EncodedPiece& piece) {
    if (calls++ == 1) throw IoError("disk full at " + std::to_string(piece.first));
  };
  const std::vector<std::string> texts = some_texts(100);
  {
    EncodingStream stream(model, TextKind::document, {.piece_texts = 3}, fail_once);
    EXPECT_THROW(for (const std::string& text : texts) stream.push(text), IoError);
  }  // the texts still in it are given up here
  EXPECT_EQ(calls, 2U);

  calls = 0;  // a caller may also go on with the pieces after it
  EncodingStream stream(model, TextKind::document, {.piece_texts = 30}, fail_once);
  for (size_t i = 0; i < 90; ++i) stream.push(texts[i]);
  EXPECT_THROW(stream.finish(), IoError);
  stream.finish();
  EXPECT_EQ(calls, 3U);
}

TEST_F(EncodingStreamTest, AReaderThatFailsLeavesNothingBehind) {
  const ColBERT model = load();
  const auto read = [&](size_t failing) {
    EncodingStream stream(model, TextKind::document, {.piece_texts = 4}, [](EncodedPiece&) {});
    for (size_t i = 0; i < failing; ++i) stream.push("red cat runs");
    throw FormatError("line " + std::to_string(failing));
  };
  for (size_t failing = 0; failing < 40; ++failing) EXPECT_THROW(read(failing), FormatError);
  EXPECT_EQ(model.encode_documents(std::vector<std::string>{"cat"}).size(), 1U);
}

TEST_F(EncodingStreamTest, TheCallbackMayUseTheModelAndTakeTheVectors) {
  const ColBERT model = load();
  const std::vector<std::string> texts = some_texts(30);
  Embeddings streamed{.dim = model.dim()};
  const auto compare = [&](EncodedPiece& piece) {
    const Embeddings taken = std::move(piece.embeddings);
    EXPECT_EQ(taken.values, model.encode_documents(piece.texts).values);
    for (size_t i = 0; i < taken.size(); ++i) streamed.append(taken.matrix(i));
  };
  EncodingStream stream(model, TextKind::document, {.piece_texts = 4}, compare);
  for (const std::string& text : texts) stream.push(text);
  stream.finish();
  EXPECT_EQ(streamed.values, model.encode_documents(texts).values);
}

TEST_F(EncodingStreamTest, OptionsThatMakeNoSenseAreRefusedAtOnce) {
  const ColBERT model = load();
  const auto refused = [&](const EncodingStreamOptions& options) {
    EXPECT_THROW(EncodingStream(model, TextKind::document, options, [](EncodedPiece&) {}),
                 std::invalid_argument);
  };
  refused({.encode = {.prompt_name = "nope"}});
  refused({.encode = {.pool_factor = 0}});
}

}  // namespace
}  // namespace maxsimd
