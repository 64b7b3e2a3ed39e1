#include "maxsimd/encoder/modernbert_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

Json sizes() {
  return {{"hidden_size", 24},
          {"num_hidden_layers", 5},
          {"num_attention_heads", 2},
          {"intermediate_size", 30},
          {"vocab_size", 50}};
}

ModernBertConfig parse(const Json& patch) {
  Json config = sizes();
  config.update(patch);
  return parse_modernbert_config(config.dump(), "config.json");
}

std::string refusal(const Json& patch) {
  try {
    parse(patch);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "";
}

TEST(ModernBertConfig, MissingKeysAreTransformersDefaults) {
  const ModernBertConfig config = parse(Json::object());
  EXPECT_EQ(config.head_dim(), 12U);
  EXPECT_EQ(config.max_position_embeddings, 8192U);
  EXPECT_EQ(config.norm_eps, 1e-5F);
  EXPECT_EQ(config.window, 64U);
  EXPECT_EQ(config.is_global, (std::vector<bool>{true, false, false, true, false}));
  EXPECT_EQ(config.global_rope_theta, 160000.0F);
  EXPECT_EQ(config.local_rope_theta, 10000.0F);
  EXPECT_FALSE(config.norm_bias || config.attention_bias || config.mlp_bias);
}

TEST(ModernBertConfig, BothFormsSayTheSame) {
  const ModernBertConfig old = parse({{"global_rope_theta", 80000.0},
                                      {"local_rope_theta", 500},
                                      {"global_attn_every_n_layers", 2},
                                      {"local_attention", 9},
                                      {"position_embedding_type", "sans_pos"}});
  const ModernBertConfig now =
      parse({{"rope_parameters",
              {{"full_attention", {{"rope_type", "default"}, {"rope_theta", 80000.0}}},
               {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 500.0}}}}},
             {"layer_types",
              {"full_attention", "sliding_attention", "full_attention", "sliding_attention",
               "full_attention"}},
             {"global_attn_every_n_layers", 3},  // layer_types win
             {"local_attention", 8}});
  EXPECT_EQ(old.global_rope_theta, now.global_rope_theta);
  EXPECT_EQ(old.local_rope_theta, now.local_rope_theta);
  EXPECT_EQ(old.is_global, now.is_global);
  EXPECT_EQ(old.window, 4U);
  EXPECT_EQ(now.window, 4U);
}

TEST(ModernBertConfig, HalfGivenRotationsKeepTheOthersDefaults) {
  EXPECT_EQ(parse({{"local_rope_theta", nullptr}, {"global_rope_theta", 7.0}}).local_rope_theta,
            7.0F);
  const ModernBertConfig half =
      parse({{"rope_parameters",
              {{"full_attention", {{"rope_theta", 9.0}}}, {"sliding_attention", nullptr}}},
             {"local_rope_theta", 11.0}});
  EXPECT_EQ(half.global_rope_theta, 9.0F);
  EXPECT_EQ(half.local_rope_theta, 11.0F);
  EXPECT_EQ(parse({{"rope_scaling", nullptr}}).global_rope_theta, 160000.0F);
}

// As transformers 5.3 writes it.
TEST(ModernBertConfig, AnEncoderOfOneLayerHasKeysBesideItsLayerTypes) {
  const Json rope = {{"full_attention", {{"rope_theta", 5.0}, {"rope_type", "default"}}},
                     {"rope_theta", nullptr},
                     {"rope_type", "default"}};
  EXPECT_EQ(parse({{"rope_parameters", rope}}).global_rope_theta, 5.0F);
}

// Its half-window, which transformers sets after local_attention.
TEST(ModernBertConfig, ASlidingWindowWinsOverLocalAttention) {
  EXPECT_EQ(parse({{"sliding_window", 3}, {"local_attention", 20}}).window, 3U);
  EXPECT_EQ(parse({{"sliding_window", nullptr}, {"local_attention", 20}}).window, 10U);
}

// Issue 9: PyLate encodes texts of any document_length.
TEST(ModernBertConfig, PositionsGoOnAsFarAsTheLongestText) {
  const ModernBertConfig config = parse({{"max_position_embeddings", 100}});
  ColbertSettings settings;
  settings.document_length = 90;
  EXPECT_EQ(cover_lengths(config, settings).max_position_embeddings, 100U);
  settings.document_length = 300;
  EXPECT_EQ(cover_lengths(config, settings).max_position_embeddings, 300U);
  settings.query_length = size_t{1} << 24;
  EXPECT_EQ(cover_lengths(config, settings).max_position_embeddings, size_t{1} << 17);
}

TEST(ModernBertConfig, WhatIsNotSupportedIsNamed) {
  const std::vector<std::pair<Json, std::string>> cases = {
      {{{"is_causal", true}}, "\"is_causal\" must be false"},
      {{{"_attn_implementation", "eager"}}, "\"_attn_implementation\" must be \"sdpa\" or absent"},
      {{{"sliding_window", 0}}, "\"sliding_window\""},
      {{{"hidden_activation", "silu"}}, "\"hidden_activation\" must be \"gelu\""},
      {{{"position_embedding_type", "relative_key"}}, "\"position_embedding_type\" must be"},
      {{{"rope_scaling", {{"type", "linear"}, {"factor", 2.0}}}}, "\"type\" must be \"default\""},
      {{{"rope_parameters", {{"full_attention", {{"rope_type", "yarn"}}}}}},
       "\"rope_type\" must be \"default\""},
      {{{"rope_parameters", {{"rope_theta", 5.0}}}}, "\"rope_theta\" must be absent"},
      {{{"rope_parameters", {{"rope_type", "yarn"}}}}, "\"rope_type\" must be \"default\""},
      // Found by fuzz_encoder_config: a message is one line whatever the key.
      {{{"rope_parameters", {{"a\nb", 5.0}}}}, "\"a\\nb\" must be absent"},
      {{{"layer_types", {"full_attention"}}}, "5 strings"},
      {{{"layer_types", {"a", "a", "a", "a", "a"}}}, "\"layer_types\" must be a list of"},
      {{{"hidden_size", 26}, {"num_attention_heads", 4}}, "\"hidden_size\" must be a multiple"},
      {{{"hidden_size", 30}, {"num_attention_heads", 2}}, "\"hidden_size\" must be a multiple"},
      {{{"head_dim", 16}}, "\"head_dim\" must be 12"},
      {{{"vocab_size", nullptr}}, "\"vocab_size\" must be a whole number"},
      {{{"norm_eps", -1.0}}, "\"norm_eps\""},
      {{{"local_attention", 0}}, "\"local_attention\""},
      {{{"local_attention", {64, 64}}}, "\"local_attention\""},
      {{{"global_attn_every_n_layers", 0}}, "\"global_attn_every_n_layers\""},
      {{{"global_rope_theta", 0.5}}, "\"global_rope_theta\""},
      {{{"attention_bias", "yes"}}, "\"attention_bias\""},
  };
  for (const auto& [patch, part] : cases) {
    EXPECT_NE(refusal(patch).find(part), std::string::npos) << patch << "\n" << refusal(patch);
  }
}

}  // namespace
}  // namespace maxsimd
