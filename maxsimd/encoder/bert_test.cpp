// BERT against a plain double-precision transcription of the paper's formulas, on random weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/encoder/bert_config.h"
#include "maxsimd/encoder/encoder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

using testing_support::TempFolder;
using testing_support::Tensors;
using testing_support::TinyBertShape;

using Rows = std::vector<std::vector<double>>;

/// The oracle: one sequence at a time, no packing, everything in double.
class ReferenceBert {
 public:
  ReferenceBert(const Tensors& tensors, const TinyBertShape& shape) : t_(tensors), shape_(shape) {}

  Rows forward(const std::vector<int32_t>& ids, size_t attended) const {
    Rows x(ids.size(), std::vector<double>(shape_.hidden));
    for (size_t i = 0; i < ids.size(); ++i) {
      for (size_t d = 0; d < shape_.hidden; ++d) {
        x[i][d] = at("embeddings.word_embeddings.weight", static_cast<size_t>(ids[i]), d) +
                  at("embeddings.position_embeddings.weight", i, d) +
                  at("embeddings.token_type_embeddings.weight", 0, d);
      }
    }
    norm(x, "embeddings.LayerNorm");
    for (size_t layer = 0; layer < shape_.layers; ++layer) {
      const std::string p = "encoder.layer." + std::to_string(layer) + ".";
      Rows a = linear(attention(x, p, attended), p + "attention.output.dense");
      add(a, x);
      norm(a, p + "attention.output.LayerNorm");
      Rows f = linear(a, p + "intermediate.dense");
      for (auto& row : f) {
        for (double& v : row) v = 0.5 * v * (1.0 + std::erf(v / std::sqrt(2.0)));
      }
      x = linear(f, p + "output.dense");
      add(x, a);
      norm(x, p + "output.LayerNorm");
    }
    return x;
  }

 private:
  double at(const std::string& name, size_t row, size_t col) const {
    const auto& tensor = t_.at(name);
    return static_cast<double>(tensor.values[row * tensor.shape[1] + col]);
  }

  Rows linear(const Rows& x, const std::string& name) const {
    const auto& bias = t_.at(name + ".bias").values;
    Rows out(x.size(), std::vector<double>(bias.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t n = 0; n < bias.size(); ++n) {
        double sum = static_cast<double>(bias[n]);
        for (size_t k = 0; k < x[i].size(); ++k) sum += x[i][k] * at(name + ".weight", n, k);
        out[i][n] = sum;
      }
    }
    return out;
  }

  Rows attention(const Rows& x, const std::string& p, size_t attended) const {
    const Rows q = linear(x, p + "attention.self.query");
    const Rows k = linear(x, p + "attention.self.key");
    const Rows v = linear(x, p + "attention.self.value");
    const size_t head_dim = shape_.hidden / shape_.heads;
    Rows out(x.size(), std::vector<double>(shape_.hidden, 0.0));
    for (size_t head = 0; head < shape_.heads; ++head) {
      for (size_t i = 0; i < x.size(); ++i) {
        std::vector<double> w(attended);
        for (size_t j = 0; j < attended; ++j) {
          for (size_t d = head * head_dim; d < (head + 1) * head_dim; ++d)
            w[j] += q[i][d] * k[j][d];
          w[j] /= std::sqrt(static_cast<double>(head_dim));
        }
        const double top = *std::max_element(w.begin(), w.end());
        double total = 0;
        for (double& value : w) total += value = std::exp(value - top);
        for (size_t j = 0; j < attended; ++j) {
          for (size_t d = head * head_dim; d < (head + 1) * head_dim; ++d) {
            out[i][d] += w[j] / total * v[j][d];
          }
        }
      }
    }
    return out;
  }

  void norm(Rows& x, const std::string& name) const {
    const auto& gamma = t_.at(name + ".weight").values;
    const auto& beta = t_.at(name + ".bias").values;
    for (auto& row : x) {
      double mean = 0;
      for (const double v : row) mean += v / static_cast<double>(row.size());
      double variance = 0;
      for (const double v : row)
        variance += (v - mean) * (v - mean) / static_cast<double>(row.size());
      for (size_t d = 0; d < row.size(); ++d) {
        row[d] = (row[d] - mean) / std::sqrt(variance + 1e-12) * static_cast<double>(gamma[d]) +
                 static_cast<double>(beta[d]);
      }
    }
  }

  static void add(Rows& x, const Rows& y) {
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t d = 0; d < x[i].size(); ++d) x[i][d] += y[i][d];
    }
  }

  const Tensors& t_;
  TinyBertShape shape_;
};

std::vector<int32_t> some_ids(size_t count, size_t vocab, uint64_t seed) {
  std::vector<int32_t> out;
  for (const float v : testing_support::random_values(seed, count, 1.0F)) {
    out.push_back(static_cast<int32_t>((v + 1.0F) / 2.0F * static_cast<float>(vocab - 1)));
  }
  return out;
}

std::vector<float> encode(const Encoder& encoder, const std::vector<std::vector<int32_t>>& texts,
                          const std::vector<size_t>& attended, ThreadPool& pool) {
  std::vector<int32_t> ids;
  std::vector<Sequence> sequences;
  for (size_t i = 0; i < texts.size(); ++i) {
    sequences.push_back({ids.size(), texts[i].size(), attended[i]});
    ids.insert(ids.end(), texts[i].begin(), texts[i].end());
  }
  EncoderWorkspace workspace;
  const MatrixView<const float> rows = encoder.forward({ids, sequences}, workspace, pool);
  return {rows.data, rows.data + rows.size()};
}

/// Every instruction set of this machine in every precision.
std::vector<std::pair<kernels::Isa, Precision>> all_paths() {
  std::vector<std::pair<kernels::Isa, Precision>> paths;
  for (const kernels::Isa isa : kernels::supported_isas()) {
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
      paths.emplace_back(isa, precision);
    }
  }
  return paths;
}

class Bert : public testing::Test {
 protected:
  void build(const TinyBertShape& shape) {
    shape_ = shape;
    tensors_ = testing_support::write_tiny_model(folder_.path(), shape);
  }
  std::unique_ptr<Encoder> load(kernels::Isa isa, Precision precision = Precision::f32) const {
    return load_encoder(load_checkpoint(folder_.path()), {.isa = isa, .precision = precision});
  }
  std::string load_error() const {
    try {
      load(kernels::Isa::scalar);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
  TinyBertShape shape_;
  Tensors tensors_;
};

TEST_F(Bert, EqualsTheDoublePrecisionReferenceOnEveryInstructionSet) {
  for (const TinyBertShape shape :
       {TinyBertShape{},
        TinyBertShape{.hidden = 96, .layers = 2, .heads = 3, .intermediate = 200, .seed = 7}}) {
    build(shape);
    const ReferenceBert reference(tensors_, shape);
    const std::vector<std::vector<int32_t>> texts = {
        some_ids(1, shape.vocab, 1), some_ids(13, shape.vocab, 2), some_ids(64, shape.vocab, 3)};
    const std::vector<size_t> attended = {1, 5, 64};
    for (const kernels::Isa isa : kernels::supported_isas()) {
      ThreadPool pool(2);
      const std::vector<float> got = encode(*load(isa), texts, attended, pool);
      size_t row = 0;
      for (size_t t = 0; t < texts.size(); ++t) {
        for (const auto& expected : reference.forward(texts[t], attended[t])) {
          for (size_t d = 0; d < shape.hidden; ++d) {
            ASSERT_NEAR(static_cast<double>(got[row * shape.hidden + d]), expected[d], 2e-5)
                << kernels::isa_name(isa) << " text " << t << " row " << row;
          }
          ++row;
        }
      }
    }
  }
}

// Known bug B19: vectors must not change with the neighbours, the order, or the threads.
TEST_F(Bert, ATextIsTheSameToTheBitInAnyBatchAndOnAnyNumberOfThreads) {
  build({.hidden = 96, .layers = 2, .heads = 3, .intermediate = 200, .seed = 3});
  std::vector<std::vector<int32_t>> texts;
  std::vector<size_t> attended;
  for (const size_t length : {4U, 1U, 33U, 64U, 17U, 5U, 50U, 12U}) {
    texts.push_back(some_ids(length, shape_.vocab, length));
    attended.push_back(length);
  }
  for (const auto& [isa, precision] : all_paths()) {
    SCOPED_TRACE(std::string(kernels::isa_name(isa)).append(" ").append(precision_name(precision)));
    const auto encoder = load(isa, precision);
    ThreadPool one(1);
    std::vector<float> alone;
    for (size_t i = 0; i < texts.size(); ++i) {
      const std::vector<float> rows = encode(*encoder, {texts[i]}, {attended[i]}, one);
      alone.insert(alone.end(), rows.begin(), rows.end());
    }
    for (const size_t threads : {1U, 2U, 7U}) {
      ThreadPool pool(threads);
      EXPECT_EQ(encode(*encoder, texts, attended, pool), alone);
    }
  }
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0.0, aa = 0.0, bb = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return dot / std::sqrt(aa * bb);
}

TEST_F(Bert, NarrowFormatsStayNearFloatOnEveryInstructionSet) {
  build({.hidden = 96, .layers = 2, .heads = 3, .intermediate = 200, .seed = 4});
  const std::vector<std::vector<int32_t>> texts = {some_ids(40, shape_.vocab, 1),
                                                   some_ids(9, shape_.vocab, 2)};
  ThreadPool pool(2);
  const std::vector<float> exact = encode(*load(kernels::Isa::scalar), texts, {40, 9}, pool);
  for (const auto& [isa, precision] : all_paths()) {
    SCOPED_TRACE(std::string(kernels::isa_name(isa)).append(" ").append(precision_name(precision)));
    const std::vector<float> rows = encode(*load(isa, precision), texts, {40, 9}, pool);
    const double least = precision == Precision::int8 ? 0.996 : 0.9995;
    for (size_t row = 0; row < rows.size(); row += 96) {
      ASSERT_GT(cosine(std::span(rows).subspan(row, 96), std::span(exact).subspan(row, 96)), least);
    }
    EXPECT_EQ(rows == exact, isa == kernels::Isa::scalar && precision == Precision::f32);
  }
}

TEST(PrecisionNames, SurviveTheRoundTrip) {
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
    EXPECT_EQ(precision_from_name(precision_name(precision)), precision);
  }
  EXPECT_EQ(precision_from_name("auto"), std::nullopt);
  EXPECT_EQ(fastest_precision(kernels::Isa::scalar), Precision::f32);
  EXPECT_EQ(fastest_precision(kernels::Isa::neon), Precision::f32);
  EXPECT_EQ(fastest_precision(kernels::Isa::neon_dotprod), Precision::int8);
}

TEST_F(Bert, GrownRowsAreTheMeanOfTheOthers) {
  const std::vector<float> grown = grow_embedding_rows({1, 2, 3, 6}, 2, {.count = 4});
  EXPECT_EQ(grown, (std::vector<float>{1, 2, 3, 6, 2, 4, 2, 4}));
  EXPECT_EQ(grow_embedding_rows({1, 2}, 2, {.count = 1}), (std::vector<float>{1, 2}));
}

// Issue 9: a table that was padded to a multiple of 64 has rows past the tokenizer's tokens.
TEST_F(Bert, RowsOfAddedTokensAreNewWhateverALongerTableHasThere) {
  const std::vector<float> padded = {1, 2, 3, 6, 9, 9, 9, 9};
  EXPECT_EQ(grow_embedding_rows(padded, 2, {.count = 3, .num_added = 1}),
            (std::vector<float>{1, 2, 3, 6, 2, 4}));
  EXPECT_EQ(grow_embedding_rows(padded, 2, {.count = 6, .num_added = 1}).size(), 12U);
  EXPECT_EQ(grow_embedding_rows(padded, 2, {.count = 3}), padded);
}

TEST_F(Bert, BadBatchesAreRefused) {
  build({});
  const auto encoder = load(kernels::Isa::scalar);
  ThreadPool pool(1);
  EXPECT_THROW(encode(*encoder, {{1, 40}}, {2}, pool), std::invalid_argument);
  EXPECT_THROW(encode(*encoder, {{-1}}, {1}, pool), std::invalid_argument);
  EXPECT_THROW(encode(*encoder, {{}}, {0}, pool), std::invalid_argument);
  EXPECT_THROW(encode(*encoder, {std::vector<int32_t>(65, 1)}, {65}, pool), std::invalid_argument);
  EXPECT_THROW(encode(*encoder, {{1, 2}}, {3}, pool), std::invalid_argument);
}

TEST_F(Bert, UnsupportedSettingsAreNamed) {
  build({});
  const std::string config = R"({"model_type": "bert", "hidden_act": "relu"})";
  testing_support::write_text(folder_.path() / "config.json",
                              R"({"model_type": "t5", "hidden_size": 8})");
  EXPECT_NE(load_error().find("\"t5\" is not supported; supported: \"bert\", \"camembert\", "
                              "\"distilbert\", \"modernbert\", \"roberta\", \"xlm-roberta\""),
            std::string::npos)
      << load_error();
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      parse_bert_config(text, "config.json");
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(error_of(config).find("hidden_act"), std::string::npos);
  EXPECT_NE(error_of(R"({"hidden_size": -3})").find("hidden_size"), std::string::npos);
  EXPECT_NE(error_of(R"({"hidden_size": 7, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 4, "vocab_size": 3, "max_position_embeddings": 4})")
                .find("a multiple of num_attention_heads"),
            std::string::npos);
  EXPECT_NE(error_of("[]").find("object"), std::string::npos);
}

// Known bug B11: extra tensors are ignored with one line; those every checkpoint has, without.
TEST_F(Bert, LeftoverTensorsAreTold) {
  build({});
  EXPECT_TRUE(load(kernels::Isa::scalar)->notes().empty());
  Tensors more = tensors_;
  more["pooler.dense.weight"] = {{8, 8}, std::vector<float>(64, 0.0F)};
  testing_support::write_safetensors(folder_.path() / "model.safetensors", more);
  EXPECT_TRUE(load(kernels::Isa::scalar)->notes().empty());
  more["encoder.layer.2.output.dense.bias"] = {{8}, std::vector<float>(8, 0.0F)};
  testing_support::write_safetensors(folder_.path() / "model.safetensors", more);
  const auto encoder = load(kernels::Isa::scalar);
  ASSERT_EQ(encoder->notes().size(), 1U);
  EXPECT_NE(encoder->notes()[0].find("encoder.layer.2.output.dense.bias"), std::string::npos);
}

TEST_F(Bert, IdsFarPastTheTableAreADamagedTokenizer) {
  build({});
  const Checkpoint checkpoint = load_checkpoint(folder_.path());
  const auto grown =
      load_encoder(checkpoint, {.isa = kernels::Isa::scalar, .token_rows = {.count = 42}});
  EXPECT_EQ(grown->shape().vocab_size, 42U);
  EXPECT_EQ(grown->notes().size(), 1U);
  EXPECT_THROW(
      load_encoder(checkpoint, {.isa = kernels::Isa::scalar, .token_rows = {.count = 100000}}),
      FormatError);
}

// Known bug B11: a tensor is never left at zero silently.
TEST_F(Bert, MissingAndMisshapenTensorsAreNamed) {
  build({});
  Tensors broken = tensors_;
  broken.erase("encoder.layer.0.attention.self.query.bias");
  testing_support::write_safetensors(folder_.path() / "model.safetensors", broken);
  EXPECT_NE(load_error().find("encoder.layer.0.attention.self.query.bias"), std::string::npos);
  broken = tensors_;
  broken["encoder.layer.1.output.dense.weight"].shape = {16, 8};
  testing_support::write_safetensors(folder_.path() / "model.safetensors", broken);
  EXPECT_NE(load_error().find("encoder.layer.1.output.dense.weight"), std::string::npos);
}

}  // namespace
}  // namespace maxsimd
