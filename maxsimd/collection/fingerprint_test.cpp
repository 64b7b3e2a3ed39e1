// What changes a model's fingerprint and what does not, each on a tiny model folder.
#include "maxsimd/collection/fingerprint.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/half.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;
using Json = nlohmann::json;

std::string fingerprint_of(const fs::path& folder, const CheckpointOptions& options = {}) {
  return model_fingerprint(ColBERT::load(folder, {.checkpoint = options, .num_threads = 1}));
}

class Fingerprint : public testing::Test {
 protected:
  void SetUp() override {
    tensors_ = write_tiny_model(folder_.path());
    original_ = fingerprint_of(folder_.path());
  }

  // Rewrites one of the folder's JSON files.
  void edit(const std::string& name, const std::function<void(Json&)>& change) {
    const fs::path path = folder_.path() / name;
    Json json = Json::parse(read_file(path));
    change(json);
    write_text(path, json.dump(1));
  }
  void write_tensors() { write_safetensors(folder_.path() / "model.safetensors", tensors_); }

  std::string now(const CheckpointOptions& options = {}) {
    return fingerprint_of(folder_.path(), options);
  }
  std::string converted(DType dtype) {
    const fs::path out = folder_.path() / ("copy" + std::string(dtype_name(dtype)));
    convert_checkpoint(folder_.path(), out, {.dtype = dtype});
    return fingerprint_of(out);
  }

  TempFolder folder_;
  Tensors tensors_;
  std::string original_;
};

TEST_F(Fingerprint, IsAHashThatEveryLoadAgreesOn) {
  EXPECT_EQ(original_.size(), 64U);
  EXPECT_EQ(original_.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(now(), original_);
}

TEST_F(Fingerprint, IsThatOfAMovedFolderToo) {
  const TempFolder other;
  fs::copy(folder_.path(), other.path() / "renamed", fs::copy_options::recursive);
  EXPECT_EQ(fingerprint_of(other.path() / "renamed"), original_);
}

TEST_F(Fingerprint, SettingsOfQueriesDoNotCount) {
  EXPECT_EQ(now({.query_length = 12}), original_);
  EXPECT_EQ(now({.do_query_expansion = false}), original_);
  EXPECT_EQ(now({.attend_to_expansion_tokens = true}), original_);
  EXPECT_EQ(now({.query_prefix = "red"}), original_);
  edit("config_sentence_transformers.json", [](Json& json) { json["query_prefix"] = "blue"; });
  EXPECT_EQ(now(), original_);
  edit("config_sentence_transformers.json", [](Json& json) {
    json["prompts"] = {{"query", "find: "}};  // used by name only
  });
  EXPECT_EQ(now(), original_);
}

TEST_F(Fingerprint, SettingsOfDocumentsCount) {
  EXPECT_NE(now({.document_length = 15}), original_);
  EXPECT_NE(now({.document_prefix = "red"}), original_);
  EXPECT_NE(now({.skiplist_words = std::vector<std::string>{".", ","}}), original_);
  EXPECT_EQ(now({.skiplist_words = std::vector<std::string>{"!", ".", ",", "."}}), original_)
      << "the skiplist is a set";
  edit("config_sentence_transformers.json", [](Json& json) {
    json["prompts"] = {{"document", "the "}};
    json["default_prompt_name"] = "document";
  });
  EXPECT_NE(now(), original_);
}

TEST_F(Fingerprint, DoLowerCaseCounts) {
  write_text(folder_.path() / "sentence_bert_config.json", R"({"do_lower_case": true})");
  EXPECT_NE(now(), original_);
}

TEST_F(Fingerprint, TheArchitectureCountsButNotWhatNoVectorDependsOn) {
  edit("config.json", [](Json& json) {
    json["_name_or_path"] = "elsewhere";
    json["transformers_version"] = "5.0.0";
    json["torch_dtype"] = "float16";
    json["hidden_dropout_prob"] = 0.3;
    json["id2label"] = {{"0", "LABEL_0"}};
    json.erase("type_vocab_size");
    json["position_embedding_type"] = "absolute";
  });
  EXPECT_EQ(now(), original_);
  edit("config.json", [](Json& json) { json["num_attention_heads"] = 4; });
  EXPECT_NE(now(), original_);
  edit("config.json", [](Json& json) {
    json["num_attention_heads"] = 2;
    json["layer_norm_eps"] = 1e-5;
  });
  EXPECT_NE(now(), original_);
}

// What transformers 4 writes of a ModernBERT and what transformers 5 makes of that file.
TEST_F(Fingerprint, BothFormsOfAModernBertAreOneModel) {
  fs::remove_all(folder_.path());
  fs::copy(MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata/modernbert", folder_.path(),
           fs::copy_options::recursive);
  const std::string of_5 = now();
  edit("config.json", [](Json& json) {
    json.erase("rope_parameters");
    json.erase("layer_types");
    json["global_rope_theta"] = 160000.0;
    json["local_rope_theta"] = 10000.0;
    json["position_embedding_type"] = "sans_pos";
    json["reference_compile"] = false;
  });
  EXPECT_EQ(now(), of_5);
  edit("config.json", [](Json& json) { json["local_rope_theta"] = 10001.0; });
  EXPECT_NE(now(), of_5);
  edit("config.json", [](Json& json) {
    json["local_rope_theta"] = 10000.0;
    json["local_attention"] = 10;
  });
  EXPECT_NE(now(), of_5);
}

TEST_F(Fingerprint, OfARobertaAndADistilBertTheSettingsCountThatVectorsDependOn) {
  const fs::path models = MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata";
  const auto copy = [&](const char* name) {
    fs::remove_all(folder_.path());
    fs::copy(models / name, folder_.path(), fs::copy_options::recursive);
    return now();
  };
  const std::string roberta = copy("roberta");
  edit("config.json", [](Json& json) {
    json.erase("add_cross_attention");
    json.erase("is_decoder");
    json.erase("pad_token_id");  // 1 is the default
    json["position_embedding_type"] = "absolute";
    json["attention_probs_dropout_prob"] = 0.2;
  });
  EXPECT_EQ(now(), roberta);
  edit("config.json", [](Json& json) { json["pad_token_id"] = 0; });
  EXPECT_NE(now(), roberta) << "all positions are others";
  const std::string distilbert = copy("distilbert");
  EXPECT_NE(distilbert, roberta);
  edit("config.json", [](Json& json) {
    json["dropout"] = 0.2;
    json["qa_dropout"] = 0.3;
    json["tie_weights_"] = true;
  });
  EXPECT_EQ(now(), distilbert);
  edit("config.json", [](Json& json) { json["n_heads"] = 2; });
  EXPECT_NE(now(), distilbert);
}

// transformers 5 writes of a BERT what transformers 4 leaves out.
TEST_F(Fingerprint, DefaultsOfABertMayBeSaidOrNot) {
  edit("config.json", [](Json& json) {
    json["add_cross_attention"] = false;
    json["is_decoder"] = false;
    json["tie_word_embeddings"] = true;
  });
  EXPECT_EQ(now(), original_);
}

TEST_F(Fingerprint, TheTokenizerCountsButNotTruncationAndPadding) {
  edit("tokenizer.json", [](Json& json) {
    json["truncation"] = {
        {"direction", "Right"}, {"max_length", 9}, {"strategy", "LongestFirst"}, {"stride", 0}};
    json["padding"] = {
        {"strategy", {{"Fixed", 9}}}, {"direction", "Right"}, {"pad_id", 0},
        {"pad_type_id", 0},           {"pad_token", "[PAD]"}, {"pad_to_multiple_of", nullptr}};
  });
  EXPECT_EQ(now(), original_);
  const std::string file = read_file(folder_.path() / "tokenizer.json");
  const auto expect_other = [&](const char* what, const std::function<void(Json&)>& change) {
    edit("tokenizer.json", change);
    EXPECT_NE(now(), original_) << what;
    write_text(folder_.path() / "tokenizer.json", file);
  };
  expect_other("normalizer", [](Json& json) { json["normalizer"]["clean_text"] = false; });
  write_text(folder_.path() / "tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_NE(now(), original_) << "a setting that wins over the file";
  write_text(folder_.path() / "tokenizer_config.json", R"({"do_lower_case": true})");
  EXPECT_EQ(now(), original_);
  expect_other("vocabulary", [](Json& json) {
    std::swap(json["model"]["vocab"]["red"], json["model"]["vocab"]["blue"]);
  });
  expect_other("pre-tokenizer", [](Json& json) { json["pre_tokenizer"]["type"] = "Whitespace"; });
  expect_other("added token", [](Json& json) { json["added_tokens"][0]["lstrip"] = true; });
  expect_other("post-processor", [](Json& json) {
    json["post_processor"]["single"] =
        Json::array({json["post_processor"]["single"][0], json["post_processor"]["single"][1]});
  });
}

TEST_F(Fingerprint, EveryTensorCounts) {
  for (auto& [name, tensor] : tensors_) {
    const float before = tensor.values.back();
    tensor.values.back() += 0.5F;
    write_tensors();
    EXPECT_NE(now(), original_) << name;
    tensor.values.back() = before;
  }
  write_tensors();
  EXPECT_EQ(now(), original_);
}

TEST_F(Fingerprint, TheProjectionCounts) {
  edit("1_Dense/config.json",
       [](Json& json) { json["activation_function"] = "torch.nn.modules.activation.Tanh"; });
  EXPECT_NE(now(), original_);
  edit("1_Dense/config.json",
       [](Json& json) { json["activation_function"] = "torch.nn.modules.linear.Identity"; });
  EXPECT_EQ(now(), original_);
  write_safetensors(folder_.path() / "1_Dense" / "model.safetensors",
                    {{"linear.weight", {{4, 8}, random_values(77, 32, 0.5F)}}});
  EXPECT_NE(now(), original_);
}

TEST_F(Fingerprint, PoolerAndTensorPrefixDoNotCount) {
  Tensors renamed;
  for (const auto& [name, tensor] : tensors_) renamed["bert." + name] = tensor;
  renamed["bert.pooler.dense.weight"] = {{8, 8}, random_values(5, 64, 1.0F)};
  write_safetensors(folder_.path() / "model.safetensors", renamed);
  EXPECT_EQ(now(), original_);
}

TEST_F(Fingerprint, ACopyInFloat32OrBfloat16IsTheSameModel) {
  EXPECT_EQ(converted(DType::f32), original_);
  EXPECT_EQ(converted(DType::bf16), original_);
}

TEST_F(Fingerprint, ACopyOfFloat16WeightsIsTheSameModelInEveryType) {
  for (auto& [name, tensor] : tensors_) {
    for (float& value : tensor.values) value = f16_to_float(float_to_f16(value));
  }
  write_tensors();
  const fs::path dense = folder_.path() / "1_Dense" / "model.safetensors";
  std::vector<float> values = random_values(9, 32, 0.5F);
  for (float& value : values) value = f16_to_float(float_to_f16(value));
  write_safetensors(dense, {{"linear.weight", {{4, 8}, values}}});
  const std::string f16_model = now();
  EXPECT_EQ(converted(DType::f32), f16_model);
  EXPECT_EQ(converted(DType::f16), f16_model);
  EXPECT_EQ(converted(DType::bf16), f16_model);
}

// Rounding twice is not rounding once; the header says so.
TEST_F(Fingerprint, AFloat16CopyOfFloat32WeightsIsAnotherModel) {
  EXPECT_NE(converted(DType::f16), original_);
}

TEST(MiniFingerprint, AConvertedCopyOfTheEmbeddedModelIsTheSameModel) {
  const TempFolder folder;
  const fs::path mini = fs::path(MAXSIMD_SOURCE_DIR) / "models/mini";
  convert_checkpoint(mini, folder.path() / "copy", {.dtype = DType::bf16, .drop_pooler = true});
  EXPECT_EQ(fingerprint_of(folder.path() / "copy"), fingerprint_of(mini));
}

}  // namespace
}  // namespace maxsimd
