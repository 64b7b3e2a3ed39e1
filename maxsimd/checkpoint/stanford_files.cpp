#include "maxsimd/checkpoint/stanford_files.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "maxsimd/checkpoint/config_reader.h"
#include "maxsimd/checkpoint/folder_files.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;

struct Encoder {
  std::string_view model_type, prefix;
};
constexpr std::array<Encoder, 6> kEncoders = {{{"bert", "bert."},
                                               {"roberta", "roberta."},
                                               {"xlm-roberta", "roberta."},
                                               {"camembert", "roberta."},
                                               {"distilbert", "distilbert."},
                                               {"modernbert", "model."}}};

// "[PAD]", or {"content": "[PAD]", ...}.
void set_content(Json& token, const std::string& content) {
  if (token.is_object() && token.contains("content")) {
    token["content"] = content;
  } else {
    token = content;
  }
}

}  // namespace

std::optional<std::string> stanford_weight_prefix(const Checkpoint& checkpoint) {
  const std::string type =
      ConfigReader::parse(checkpoint.config_text, "config.json").text("model_type").value_or("");
  const auto found = std::ranges::find(kEncoders, std::string_view(type), &Encoder::model_type);
  if (found == kEncoders.end()) return std::nullopt;
  return std::string(found->prefix);
}

std::string artifact_metadata_text(const Checkpoint& checkpoint) {
  const ColbertSettings& settings = checkpoint.settings;
  return python_json({{"query_token_id", settings.query_prefix},  // tokens, despite the name
                      {"doc_token_id", settings.document_prefix},
                      {"query_token", "[Q]"},
                      {"doc_token", "[D]"},
                      {"similarity", "cosine"},
                      {"query_maxlen", settings.query_length},
                      {"attend_to_mask_tokens", settings.attend_to_expansion_tokens},
                      {"interaction", "colbert"},
                      {"dim", checkpoint.dense.back().out_features},
                      {"doc_maxlen", settings.document_length},
                      {"mask_punctuation", true}},
                     4) +
         "\n";
}

void restore_padding_token(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                           std::map<std::string, std::string>& files) {
  if (!tokenizer.mask_id() || tokenizer.pad_id() != tokenizer.mask_id()) return;
  const Json config = ordered_json(checkpoint.config_text, "config.json");
  const auto id = config.find("pad_token_id");
  const bool is_id = id != config.end() && id->is_number_unsigned() && *id < (1U << 30);
  const auto token = tokenizer.id_to_token(is_id ? id->get<TokenId>() : 0);
  if (!token) return;
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    const auto found = files.find(name);
    if (found == files.end()) continue;
    Json json = ordered_json(found->second, (checkpoint.encoder_folder / name).string());
    if (json.contains("pad_token")) set_content(json["pad_token"], *token);
    found->second = python_json(json, 2) + "\n";
  }
}

}  // namespace maxsimd
