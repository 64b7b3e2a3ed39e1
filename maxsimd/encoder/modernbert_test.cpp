// ModernBERT beside transformers' hidden states (scripts/goldens/encoder_modernbert.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/safetensors.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/encoder/encoder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

struct Batch {
  std::vector<int32_t> ids;
  std::vector<Sequence> sequences;
  size_t stride = 1;  // of each text, the golden has every so many-th row

  void add(const std::vector<int32_t>& text, size_t attended) {
    sequences.push_back({ids.size(), text.size(), attended});
    ids.insert(ids.end(), text.begin(), text.end());
  }
};

std::vector<float> encode(const Encoder& encoder, const Batch& batch, ThreadPool& pool) {
  EncoderWorkspace workspace;
  const auto rows = encoder.forward({batch.ids, batch.sequences}, workspace, pool);
  std::vector<float> out;
  for (const Sequence& sequence : batch.sequences) {
    for (size_t i = 0; i < sequence.length; i += batch.stride) {
      const float* row = rows.data + (sequence.begin + i) * rows.cols;
      out.insert(out.end(), row, row + rows.cols);
    }
  }
  return out;
}

/// A folder of the goldens: the model, batches, and transformers' hidden states of them.
class Golden {
 public:
  explicit Golden(const fs::path& folder)
      : folder_(folder), states_(SafetensorsFile::open(folder / "hidden_states.safetensors")) {
    const nlohmann::json cases = read_json_file(folder / "cases.json");
    for (const auto& [name, batch] : cases.items()) {
      batches_[name].stride = batch.value("stride", size_t{1});
      for (size_t i = 0; i < batch.at("ids").size(); ++i) {
        batches_[name].add(batch.at("ids")[i].get<std::vector<int32_t>>(),
                           batch.at("attended")[i].get<size_t>());
      }
    }
  }

  static fs::path folder_of(const std::string& name) {
    return fs::path(MAXSIMD_SOURCE_DIR "/maxsimd/encoder/testdata") / ("modernbert_" + name);
  }

  const std::map<std::string, Batch>& batches() const { return batches_; }

  std::vector<float> states(const std::string& name) const {
    std::vector<float> all;
    for (size_t i = 0; i < batches_.at(name).sequences.size(); ++i) {
      const std::string wanted = name + "." + std::to_string(i);
      for (const TensorView& tensor : states_.tensors()) {
        if (tensor.name != wanted) continue;
        const std::vector<float> rows = decode_values(tensor);
        all.insert(all.end(), rows.begin(), rows.end());
      }
    }
    return all;
  }

  std::unique_ptr<Encoder> load(kernels::Isa isa = kernels::best_isa(),
                                Precision precision = Precision::f32) const {
    return load_encoder(load_checkpoint(folder_), {.isa = isa, .precision = precision});
  }

 private:
  fs::path folder_;
  SafetensorsFile states_;
  std::map<std::string, Batch> batches_;
};

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  float largest = 0.0F;
  for (size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;  // NaN too
  }
  return largest;
}

class ModernBert : public testing::TestWithParam<const char*> {};

TEST_P(ModernBert, HiddenStatesAreThoseOfTransformersOnEveryInstructionSet) {
  const Golden golden(Golden::folder_of(GetParam()));
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const auto encoder = golden.load(isa);
    ThreadPool pool(2);
    for (const auto& [name, batch] : golden.batches()) {
      if (isa == kernels::Isa::scalar && batch.stride > 1) continue;  // too slow
      EXPECT_LE(largest_difference(encode(*encoder, batch, pool), golden.states(name)), 1e-4F)
          << kernels::isa_name(isa) << " " << name;
    }
  }
}

// Known bug B19: vectors must not change with the neighbours, the order, or the threads.
TEST_P(ModernBert, ATextIsTheSameToTheBitInAnyBatchAndOnAnyNumberOfThreads) {
  const Golden golden(Golden::folder_of(GetParam()));
  for (const kernels::Isa isa : kernels::supported_isas()) {
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
      SCOPED_TRACE(
          std::string(kernels::isa_name(isa)).append(" ").append(precision_name(precision)));
      const auto encoder = golden.load(isa, precision);
      ThreadPool one(1);
      Batch all;
      std::vector<float> alone;
      for (const auto& [name, batch] : golden.batches()) {
        if (batch.stride > 1) continue;  // too slow
        for (const Sequence& s : batch.sequences) {
          const auto begin = batch.ids.begin() + static_cast<ptrdiff_t>(s.begin);
          const std::vector<int32_t> ids(begin, begin + static_cast<ptrdiff_t>(s.length));
          Batch single;
          single.add(ids, s.attended);
          all.add(ids, s.attended);
          const std::vector<float> rows = encode(*encoder, single, one);
          alone.insert(alone.end(), rows.begin(), rows.end());
        }
      }
      for (const size_t threads : {1U, 2U, 7U}) {
        ThreadPool pool(threads);
        EXPECT_EQ(encode(*encoder, all, pool), alone) << threads;
      }
    }
  }
}

double smallest_cosine(const std::vector<float>& a, const std::vector<float>& b, size_t width) {
  double smallest = 1.0;
  for (size_t row = 0; row < a.size(); row += width) {
    double dot = 0.0, aa = 0.0, bb = 0.0;
    for (size_t i = row; i < row + width; ++i) {
      dot += double{a[i]} * b[i];
      aa += double{a[i]} * a[i];
      bb += double{b[i]} * b[i];
    }
    smallest = std::min(smallest, dot / std::sqrt(aa * bb));
  }
  return smallest;
}

// These models' attention is sharp on purpose: a rounding moves more than in a trained model.
TEST_P(ModernBert, NarrowFormatsStayNearFloatOnEveryInstructionSet) {
  const Golden golden(Golden::folder_of(GetParam()));
  ThreadPool pool(2);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    for (const Precision precision : {Precision::bf16, Precision::int8}) {
      const auto encoder = golden.load(isa, precision);
      for (const auto& [name, batch] : golden.batches()) {
        if (isa == kernels::Isa::scalar && batch.stride > 1) continue;
        const std::vector<float> rows = encode(*encoder, batch, pool);
        EXPECT_GT(smallest_cosine(rows, golden.states(name), encoder->shape().hidden_size),
                  precision == Precision::int8 ? 0.95 : 0.998)
            << kernels::isa_name(isa) << " " << precision_name(precision) << " " << name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, ModernBert, testing::Values("old", "new"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ModernBertModel, SaysItsShapeAndLeavesHeadsAloneSilently) {
  const auto encoder = Golden(Golden::folder_of("old")).load();
  const EncoderShape& shape = encoder->shape();
  EXPECT_EQ(shape.model_type, "modernbert");
  EXPECT_EQ(shape.num_layers, 4U);
  EXPECT_EQ(shape.max_positions, 8192U);
  const size_t layer = 4 * 40 * 40 + 3 * 40 * 52;
  EXPECT_EQ(shape.num_linear_weights, 4 * layer);
  // Norms: of the embeddings, at the end, and two a layer but for the first.
  EXPECT_EQ(shape.num_parameters, 61 * 40 + 4 * layer + 9 * 40);
  EXPECT_TRUE(encoder->notes().empty()) << encoder->notes()[0];
}

TEST(ModernBertModel, MissingTensorsAndBadBatchesAreRefused) {
  const testing_support::TempFolder folder;
  fs::copy(Golden::folder_of("old"), folder.path(), fs::copy_options::recursive);
  nlohmann::json config = read_json_file(folder.path() / "config.json");
  config["norm_bias"] = true;
  testing_support::write_text(folder.path() / "config.json", config.dump());
  try {
    load_encoder(load_checkpoint(folder.path()), {});
    ADD_FAILURE() << "loaded without its biases";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("model.embeddings.norm.bias"), std::string::npos)
        << error.what();
  }
  const auto encoder = Golden(Golden::folder_of("new")).load();
  ThreadPool pool(1);
  Batch batch;
  batch.add(std::vector<int32_t>(301, 5), 301);
  EXPECT_THROW(encode(*encoder, batch, pool), std::invalid_argument);
  Batch unknown;
  unknown.add({53}, 1);
  EXPECT_THROW(encode(*encoder, unknown, pool), std::invalid_argument);
}

// MAXSIMD_MODERNBERT_LONG names what encoder_modernbert.py --long made: 8,192 tokens.
TEST(ModernBertModel, LongTextsAreThoseOfTransformers) {
  const char* folder = std::getenv("MAXSIMD_MODERNBERT_LONG");
  if (folder == nullptr) GTEST_SKIP() << "SKIPPED: MAXSIMD_MODERNBERT_LONG names no golden";
  const Golden golden{fs::path(folder)};
  ThreadPool pool(2);
  for (const auto& [name, batch] : golden.batches()) {
    const float difference =
        largest_difference(encode(*golden.load(), batch, pool), golden.states(name));
    RecordProperty("largest_difference", std::to_string(difference));
    EXPECT_LE(difference, 1e-4F);
  }
}

}  // namespace
}  // namespace maxsimd
