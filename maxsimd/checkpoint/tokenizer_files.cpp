#include "maxsimd/checkpoint/tokenizer_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "maxsimd/checkpoint/folder_files.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::map<std::string, std::string>;

constexpr const char* kConfig = "tokenizer_config.json";

Json parsed(const Checkpoint& checkpoint, const std::string& name, const std::string& text) {
  return ordered_json(text, (checkpoint.encoder_folder / name).string());
}

// "[PAD]", or {"content": "[PAD]", ...}.
void set_content(Json& token, const std::string& content) {
  if (token.is_object() && token.contains("content")) {
    token["content"] = content;
  } else {
    token = content;
  }
}

}  // namespace

void restore_padding_token(const Checkpoint& checkpoint, const Tokenizer& tokenizer, Texts& files) {
  if (!tokenizer.mask_id() || tokenizer.pad_id() != tokenizer.mask_id()) return;
  const Json config = ordered_json(checkpoint.config_text, "config.json");
  const auto id = config.find("pad_token_id");
  const bool is_id = id != config.end() && id->is_number_unsigned() && *id < (1U << 30);
  const auto token = tokenizer.id_to_token(is_id ? id->get<TokenId>() : 0);
  if (!token) return;
  for (const char* name : {kConfig, "special_tokens_map.json"}) {
    const auto found = files.find(name);
    if (found == files.end()) continue;
    Json json = parsed(checkpoint, name, found->second);
    if (json.contains("pad_token")) set_content(json["pad_token"], *token);
    found->second = python_json(json, 2) + "\n";
  }
}

void write_for_transformers_4(const Checkpoint& checkpoint, Texts& files) {
  const auto found = files.find(kConfig);
  if (found == files.end()) return;
  Json json = parsed(checkpoint, kConfig, found->second);
  const bool is_other_class = json.value("tokenizer_class", Json()) == "TokenizersBackend";
  const auto extra = json.find("extra_special_tokens");
  const bool has_list = extra != json.end() && extra->is_array();
  if (!is_other_class && !has_list) return;
  if (is_other_class) json["tokenizer_class"] = "PreTrainedTokenizerFast";
  if (has_list) {
    const Json tokens = *extra;
    json.erase("extra_special_tokens");
    if (!json.contains("additional_special_tokens")) json["additional_special_tokens"] = tokens;
  }
  found->second = python_json(json, 2) + "\n";
}

void put_added_tokens(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                      const std::vector<std::string>& tokens, Texts& files) {
  files["tokenizer.json"] = tokenizer.to_json();
  const auto found = files.find(kConfig);
  if (found == files.end()) return;
  Json json = parsed(checkpoint, kConfig, found->second);
  if (!json.contains("added_tokens_decoder") || !json["added_tokens_decoder"].is_object()) return;
  for (const std::string& token : tokens) {
    json["added_tokens_decoder"][std::to_string(tokenizer.token_to_id(token).value())] = {
        {"content", token}, {"lstrip", false},      {"normalized", true},
        {"rstrip", false},  {"single_word", false}, {"special", false}};
  }
  found->second = python_json(json, 2) + "\n";
}

}  // namespace maxsimd
