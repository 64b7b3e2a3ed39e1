#include "maxsimd/encoder/bert_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

Json bert_sizes() {
  return {{"hidden_size", 24}, {"num_hidden_layers", 5},  {"num_attention_heads", 2},
          {"vocab_size", 50},  {"intermediate_size", 30}, {"max_position_embeddings", 40}};
}

Json distilbert_sizes() {
  return {{"model_type", "distilbert"},
          {"dim", 24},
          {"n_layers", 5},
          {"n_heads", 2},
          {"vocab_size", 50},
          {"hidden_dim", 30},
          {"max_position_embeddings", 40}};
}

BertConfig parse(Json config, const Json& patch) {
  config.update(patch);
  return parse_bert_config(config.dump(), "config.json");
}

std::string refusal(const Json& config, const Json& patch) {
  try {
    parse(config, patch);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "";
}

std::vector<size_t> positions_of(const BertConfig& config, const std::vector<int64_t>& ids) {
  PositionCounter counter(config);
  std::vector<size_t> positions;
  for (const int64_t id : ids) positions.push_back(counter.next(id));
  return positions;
}

TEST(BertConfig, MissingKeysAreTransformersDefaults) {
  const BertConfig bert = parse(bert_sizes(), Json::object());
  EXPECT_EQ(bert.model_type, "bert");
  EXPECT_EQ(bert.type_vocab_size, 2U);
  EXPECT_EQ(bert.layer_norm_eps, 1e-12F);
  EXPECT_EQ(bert.pad_token_id, 0U);
  EXPECT_EQ(bert.max_length(), 40U);
  const BertConfig distilbert = parse(distilbert_sizes(), Json::object());
  EXPECT_EQ(distilbert.head_dim(), 12U);
  EXPECT_EQ(distilbert.num_hidden_layers, 5U);
  EXPECT_EQ(distilbert.intermediate_size, 30U);
  EXPECT_EQ(distilbert.type_vocab_size, 0U);
  EXPECT_EQ(distilbert.max_length(), 40U);
}

// Known bug B22: a RoBERTa of 514 positions takes 512 tokens.
TEST(BertConfig, TheFirstPositionsOfARobertaAreNotUsed) {
  for (const char* type : {"roberta", "xlm-roberta", "camembert"}) {
    const BertConfig config = parse(bert_sizes(), {{"model_type", type}});
    EXPECT_EQ(config.model_type, type);
    EXPECT_EQ(config.pad_token_id, 1U);
    EXPECT_EQ(config.max_length(), 38U);
    EXPECT_EQ(positions_of(config, {0, 9, 8, 2}), (std::vector<size_t>{2, 3, 4, 5}));
  }
  EXPECT_EQ(parse(bert_sizes(), {{"model_type", "roberta"}, {"pad_token_id", 5}}).max_length(),
            34U);
}

// transformers' create_position_ids_from_input_ids of [1, 9, 1, 1, 8, 2] with padding_idx 1.
TEST(BertConfig, PaddingTokensAreNotCountedInARobertaAndAreInTheOthers) {
  const std::vector<int64_t> ids = {1, 9, 1, 1, 8, 2};
  EXPECT_EQ(positions_of(parse(bert_sizes(), {{"model_type", "roberta"}}), ids),
            (std::vector<size_t>{1, 2, 1, 1, 3, 4}));
  const std::vector<size_t> counted = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(positions_of(parse(bert_sizes(), {{"pad_token_id", 1}}), ids), counted);
  EXPECT_EQ(positions_of(parse(distilbert_sizes(), {{"pad_token_id", 1}}), ids), counted);
}

TEST(BertConfig, WhatTheseEncodersDoNotHaveIsRefused) {
  EXPECT_NE(refusal(bert_sizes(), {{"hidden_act", "relu"}}).find("hidden_act"), std::string::npos);
  EXPECT_NE(refusal(distilbert_sizes(), {{"activation", "relu"}}).find("activation"),
            std::string::npos);
  EXPECT_NE(refusal(bert_sizes(), {{"position_embedding_type", "relative_key"}})
                .find("position_embedding_type"),
            std::string::npos);
  // jina-colbert-v2 calls itself one, and turns queries and keys by code of its own.
  EXPECT_NE(
      refusal(bert_sizes(), {{"model_type", "xlm-roberta"}, {"position_embedding_type", "rotary"}})
          .find("position_embedding_type"),
      std::string::npos);
  EXPECT_NE(refusal(bert_sizes(), {{"is_decoder", true}}).find("is_decoder"), std::string::npos);
  for (const Json& sizes : {bert_sizes(), distilbert_sizes()}) {
    EXPECT_NE(refusal(sizes, {{"is_causal", true}}).find("\"is_causal\" must be false"),
              std::string::npos);
    EXPECT_EQ(refusal(sizes, {{"is_causal", false}, {"is_decoder", nullptr}}), "");
  }
  EXPECT_NE(refusal(bert_sizes(), {{"model_type", "xlm-roberta-xl"}}).find("model_type"),
            std::string::npos);
  EXPECT_NE(refusal(bert_sizes(), {{"model_type", "distilbert"}}).find("\"hidden_dim\""),
            std::string::npos);
}

TEST(BertConfig, TheErfGeluHasASecondName) {
  EXPECT_EQ(refusal(bert_sizes(), {{"hidden_act", "gelu_python"}}), "");
  EXPECT_NE(refusal(bert_sizes(), {{"hidden_act", "gelu_new"}}), "");
}

// transformers' attribute_map of a DistilBertConfig.
TEST(BertConfig, SizesOfADistilBertMayHaveBertsNamesWhichWin) {
  Json config = distilbert_sizes();
  config.erase("dim");
  const BertConfig renamed = parse(config, {{"hidden_size", 24}});
  EXPECT_EQ(renamed.hidden_size, 24U);
  const BertConfig both = parse(
      distilbert_sizes(),
      {{"hidden_size", 36}, {"num_hidden_layers", 3}, {"num_attention_heads", 4}, {"n_heads", 5}});
  EXPECT_EQ(both.hidden_size, 36U);
  EXPECT_EQ(both.num_hidden_layers, 3U);
  EXPECT_EQ(both.num_attention_heads, 4U);
}

TEST(BertConfig, PositionsThatCannotBeAreRefused) {
  const Json roberta = {{"model_type", "roberta"}};
  for (const Json& padding : {Json(nullptr), Json(-1), Json(50), Json("1")}) {
    Json patch = roberta;
    patch["pad_token_id"] = padding;
    EXPECT_NE(refusal(bert_sizes(), patch).find("pad_token_id"), std::string::npos) << padding;
  }
  Json patch = roberta;
  patch["max_position_embeddings"] = 2;
  EXPECT_NE(refusal(bert_sizes(), patch).find("max_position_embeddings"), std::string::npos);
  EXPECT_EQ(parse(bert_sizes(), {{"pad_token_id", nullptr}}).pad_token_id, std::nullopt);
}

}  // namespace
}  // namespace maxsimd
