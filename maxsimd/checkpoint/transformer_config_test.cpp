// Issue 9: arguments in sentence_bert_config.json were passed over without a word.
#include "maxsimd/checkpoint/transformer_config.h"

#include <gtest/gtest.h>

#include "maxsimd/checkpoint/test_model_folder.h"

namespace maxsimd {
namespace {

using namespace testing_support;

class TransformerConfig : public ModelFolder {
 protected:
  std::string refusal_of(const Json& config) {
    write("sentence_bert_config.json", config.dump());
    return refusal();
  }
};

TEST_F(TransformerConfig, ArgumentsThatMayChangeVectorsAreRefusedByFileAndField) {
  const std::vector<std::pair<Json, std::string>> cases = {
      {{{"config_args", {{"num_hidden_layers", 1}}}}, "\"config_args\": \"num_hidden_layers\""},
      {{{"config_kwargs", {{"hidden_act", "relu"}}}}, "\"config_kwargs\": \"hidden_act\""},
      {{{"tokenizer_args", {{"truncation_side", "left"}}}}, "\"truncation_side\""},
      {{{"processor_kwargs", {{"do_lower_case", false}}}}, "\"processor_kwargs\": "},
      {{{"model_args", {{"use_safetensors", false}}}}, "\"use_safetensors\" must be true"},
      {{{"model_args", {{"variant", "fp16"}}}}, "\"model_args\": \"variant\" must be absent"},
      {{{"model_kwargs", {{"quantization_config", Json::object()}}}}, "\"quantization_config\""},
      {{{"processing_kwargs", {{"text", {{"add_special_tokens", false}}}}}},
       "\"processing_kwargs\": \"text\": \"add_special_tokens\""},
      {{{"processing_kwargs", {{"common", {{"padding_side", "left"}}}}}}, "\"padding_side\""},
      {{{"processing_kwargs", {{"text", {{"truncation", false}}}}}}, "\"truncation\""},
      {{{"modality_config", {{"text", {{"method", "get_text_features"}}}}}}, "\"text\" must be"},
      {{{"transformer_task", "fill-mask"}}, "\"feature-extraction\""},
      {{{"tokenizer_name_or_path", "other/model"}}, "\"tokenizer_name_or_path\" must be absent"},
      {{{"config_args", true}}, "\"config_args\" must be an object"},
  };
  for (const auto& [config, part] : cases) {
    const std::string message = refusal_of(config);
    expect_contains(message, part);
    expect_contains(message, "sentence_bert_config.json");
  }
}

TEST_F(TransformerConfig, ArgumentsThatChangeNothingPass) {
  for (const Json& config : {
           Json{{"config_args", Json::object()}, {"tokenizer_args", nullptr}},
           Json{{"model_args", {{"attn_implementation", "eager"}, {"torch_dtype", "float16"}}}},
           Json{{"model_kwargs", {{"trust_remote_code", true}, {"use_safetensors", true}}}},
           Json{{"tokenizer_args", {{"model_max_length", 7}, {"use_fast", true}}}},
           Json{{"config_kwargs", {{"revision", "main"}}}, {"unpad_inputs", false}},
           Json{{"processing_kwargs",
                 {{"text", {{"padding", true}, {"truncation", "longest_first"}}},
                  {"chat_template", {{"add_generation_prompt", true}}}}}},
       }) {
    write("sentence_bert_config.json", config.dump());
    EXPECT_NO_THROW(load()) << config;
  }
}

// What sentence-transformers 5.3 and 6.2 write by themselves.
TEST_F(TransformerConfig, SavedFilesPass) {
  for (const Json& config :
       {Json{{"max_seq_length", 31}, {"do_lower_case", false}},
        Json{{"transformer_task", "feature-extraction"},
             {"modality_config",
              {{"text", {{"method", "forward"}, {"method_output_name", "last_hidden_state"}}}}},
             {"module_output_name", "token_embeddings"}}}) {
    write("sentence_bert_config.json", config.dump());
    EXPECT_NO_THROW(load()) << config;
  }
}

TEST_F(TransformerConfig, EagerAttentionOfAModernBertIsRefused) {
  Json config = read("config.json");
  config["model_type"] = "modernbert";
  write("config.json", config.dump());
  expect_contains(refusal_of({{"model_args", {{"attn_implementation", "eager"}}}}),
                  "\"model_args\": \"attn_implementation\" must be \"sdpa\" or absent");
}

TEST_F(TransformerConfig, OfAnOlderNameCountsWhereTheOtherSaysNothing) {
  write("sentence_bert_config.json", "{}");
  write("sentence_roberta_config.json", R"({"do_lower_case": true})");
  EXPECT_TRUE(load().settings.do_lower_case);
}

// PyLate makes a Transformer of its own then.
TEST_F(TransformerConfig, IsNotReadWhereNoModulesAreListed) {
  write("sentence_bert_config.json",
        R"({"do_lower_case": true, "config_args": {"num_hidden_layers": 1}})");
  fs::remove(file("modules.json"));
  EXPECT_FALSE(load().settings.do_lower_case);
}

}  // namespace
}  // namespace maxsimd
