// The encoders in training beside transformers' (scripts/goldens/training_train_mode.py): which
// values each rate of dropout governs, and which rows of embedding tables get no gradient.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/safetensors.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/training/differentiable_encoder.h"
#include "tests/support/temp_folder.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = MAXSIMD_SOURCE_DIR;
// Nothing but one of 16 million values survives, and 1 / (1 - rate) is still a float.
constexpr double kNearlyAll = 1.0 - 1.0 / (1 << 24);

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

struct Model {
  const char* folder;
  std::vector<const char*> rates;   // its keys of config.json
  const char* words;                // the table of tokens
  const char* positions = nullptr;  // one whose padding row gets no gradient
};

void PrintTo(const Model& model, std::ostream* out) {
  *out << model.folder;
}

class TrainMode : public testing::TestWithParam<Model> {
 protected:
  void SetUp() override {
    const SafetensorsFile file = SafetensorsFile::open(
        kSource / "maxsimd/training/testdata/train_mode" / (name() + ".safetensors"));
    for (const TensorView& tensor : file.tensors()) {
      if (tensor.name == "ids" || tensor.name == "lengths") {
        const auto* const values = reinterpret_cast<const int32_t*>(tensor.bytes.data());
        (tensor.name == "ids" ? ids_ : lengths_).assign(values, values + tensor.size());
        continue;
      }
      const auto rows = static_cast<int64_t>(tensor.shape.at(0));
      golden_[tensor.name] =
          tensor_of(decode_values(tensor), {rows, static_cast<int64_t>(tensor.size()) / rows});
    }
  }

  static std::string name() { return GetParam().folder; }

  PackedBatch batch() const {
    std::vector<TokenizedText> texts;
    auto next = ids_.begin();
    for (const int32_t length : lengths_) {
      TokenizedText text;
      text.ids.assign(next, next + length);
      text.num_attended = static_cast<size_t>(length);
      texts.push_back(std::move(text));
      next += length;
    }
    return pack_texts(texts);
  }

  /// The model with one rate of nearly 1 and the others 0; "none": all are 0.
  std::unique_ptr<DifferentiableEncoder> load(const std::string& dropped, Parameters& parameters) {
    const fs::path folder = temp_.path() / dropped;
    fs::copy(kSource / "maxsimd/encoder/testdata" / name(), folder);
    nlohmann::json config = read_json_file(folder / "config.json");
    for (const char* key : GetParam().rates) config[key] = key == dropped ? kNearlyAll : 0.0;
    std::ofstream(folder / "config.json") << config;
    return load_differentiable_encoder(load_checkpoint(folder), {}, parameters);
  }

  const at::Tensor& golden(const std::string& of) const { return golden_.at(of); }

  std::vector<int32_t> ids_, lengths_;
  std::map<std::string, at::Tensor> golden_;
  testing_support::TempFolder temp_;
};

TEST_P(TrainMode, EachRateGovernsWhatItGovernsInTransformers) {
  std::vector<std::string> places = {"none"};
  places.insert(places.end(), GetParam().rates.begin(), GetParam().rates.end());
  for (const std::string& dropped : places) {
    Parameters parameters;
    const auto encoder = load(dropped, parameters);
    for (const bool plain : {false, true}) {
      // Heads of 8 take the kernels of GPUs there, which drop by themselves and not on a CPU.
      if (plain && name() == "camembert") continue;
      const at::Tensor states =
          encoder->forward(batch(), {.training = true, .plain_operators = plain});
      EXPECT_LT(largest_difference(states.detach(), golden("hidden." + dropped)), 1e-4)
          << dropped << (plain ? " by operators" : " by kernels");
    }
    if (dropped == "none") continue;
    EXPECT_GT(largest_difference(golden("hidden." + dropped), golden("hidden.none")), 0.1);
    const at::Tensor untouched = encoder->forward(batch(), {});
    EXPECT_LT(largest_difference(untouched.detach(), golden("hidden.none")), 1e-4);
  }
}

TEST_P(TrainMode, RowsOfPaddingGetNoGradient) {
  for (const bool plain : {false, true}) {
    Parameters parameters;
    fs::remove_all(temp_.path() / "none");
    const auto encoder = load("none", parameters);
    encoder->forward(batch(), {.training = true, .plain_operators = plain}).cos().sum().backward();
    size_t compared = 0;
    for (const auto& [key, wanted] : golden_) {
      if (!key.starts_with("gradient.")) continue;
      const at::Tensor got = parameters.get(key.substr(std::string("gradient.").size())).grad();
      EXPECT_LT(largest_difference(got, wanted.reshape(got.sizes())),
                1e-4 * (1 + wanted.abs().max().item<double>()))
          << key;
      ++compared;
    }
    EXPECT_GE(compared, 2U);
    const nlohmann::json config = read_json_file(temp_.path() / "none" / "config.json");
    const auto padding = config.at("pad_token_id").get<int64_t>();
    ASSERT_GT(std::count(ids_.begin(), ids_.end(), padding), 0);
    for (const char* table : {GetParam().words, GetParam().positions}) {
      if (table == nullptr) continue;
      EXPECT_EQ(parameters.get(table).grad().select(0, padding).abs().max().item<double>(), 0)
          << table;
      EXPECT_GT(parameters.get(table).grad().abs().max().item<double>(), 0) << table;
    }
  }
}

const std::vector<const char*> kBertRates = {"hidden_dropout_prob", "attention_probs_dropout_prob"};
const std::vector<const char*> kModernBertRates = {"embedding_dropout", "attention_dropout",
                                                   "mlp_dropout"};
constexpr const char* kWords = "embeddings.word_embeddings.weight";
constexpr const char* kPositions = "embeddings.position_embeddings.weight";
constexpr const char* kTokens = "embeddings.tok_embeddings.weight";

INSTANTIATE_TEST_SUITE_P(
    Goldens, TrainMode,
    testing::Values(Model{"bert", kBertRates, kWords},
                    Model{"roberta", kBertRates, kWords, kPositions},
                    Model{"camembert", kBertRates, kWords, kPositions},
                    Model{"distilbert", {"dropout", "attention_dropout"}, kWords},
                    Model{"modernbert_old", kModernBertRates, kTokens},
                    Model{"modernbert_new", kModernBertRates, kTokens}),
    [](const auto& info) { return std::string(info.param.folder); });

}  // namespace
}  // namespace maxsimd::training
