// vocab.txt, tokenizer_config.json and special_tokens_map.json (declared in tokenizer_file.h).
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/component_json.h"
#include "maxsimd/text/tokenizer_file.h"

namespace maxsimd {
namespace {

std::optional<nlohmann::json> read_optional_object(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  nlohmann::json json = read_json_file(path);
  const ComponentJson check(json, path.string());  // refuses anything but an object
  return json;
}

// "mask_token": "[MASK]" or {"content": "[MASK]", ...} or null.
std::optional<std::string> token_name(const std::optional<nlohmann::json>& json, const char* key) {
  if (!json || !json->contains(key)) return std::nullopt;
  const nlohmann::json& value = (*json)[key];
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string()) {
    return value["content"].get<std::string>();
  }
  return std::nullopt;
}

bool flag(const std::optional<nlohmann::json>& config, const char* key, bool otherwise) {
  if (!config || !config->contains(key) || !(*config)[key].is_boolean()) return otherwise;
  return (*config)[key].get<bool>();
}

// Lines as Python reads them: "\n", "\r\n".
nlohmann::json read_vocabulary(const std::filesystem::path& path) {
  const MappedFile file = MappedFile::open(path);
  std::string_view rest = file.text();
  nlohmann::json vocabulary = nlohmann::json::object();
  for (int64_t id = 0; !rest.empty(); ++id) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view token = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (token.ends_with('\r')) token.remove_suffix(1);
    if (find_invalid_utf8(token)) {
      throw FormatError(path.string() + ":" + std::to_string(id + 1) +
                        ": the token is not valid UTF-8");
    }
    vocabulary[std::string(token)] = id;
  }
  return vocabulary;
}

nlohmann::json added_token(const std::string& content) {
  return {{"content", content}, {"single_word", false}, {"lstrip", false},
          {"rstrip", false},    {"normalized", false},  {"special", true}};
}

// What the config's added_tokens_decoder lists ({"0": {"content": ...}}), and the special tokens.
nlohmann::json added_tokens(const std::optional<nlohmann::json>& config,
                            const std::vector<std::string>& special) {
  std::map<int64_t, nlohmann::json> listed;
  if (config && config->contains("added_tokens_decoder") &&
      (*config)["added_tokens_decoder"].is_object()) {
    for (const auto& [id, token] : (*config)["added_tokens_decoder"].items()) {
      const bool is_number =
          !id.empty() && id.size() < 10 && id.find_first_not_of("0123456789") == std::string::npos;
      if (is_number && token.is_object()) listed[std::stoll(id)] = token;
    }
  }
  nlohmann::json tokens = nlohmann::json::array();
  for (const auto& [id, token] : listed) tokens.push_back(token);
  for (const std::string& content : special) {
    bool is_listed = false;
    for (const auto& [id, token] : listed) {
      is_listed = is_listed || token.value("content", "") == content;
    }
    if (!is_listed) tokens.push_back(added_token(content));
  }
  return tokens;
}

// New tokens get the ids behind the vocabulary, in order.
void number_tokens(nlohmann::json& tokens, const nlohmann::json& vocabulary) {
  size_t next = vocabulary.size();
  for (nlohmann::json& token : tokens) {
    const std::string content = token.value("content", "");
    token["id"] = vocabulary.contains(content) ? vocabulary[content].get<size_t>() : next++;
  }
}

nlohmann::json template_of(const std::string& cls, const std::string& sep,
                           const nlohmann::json& vocabulary, const std::string& where) {
  nlohmann::json special = nlohmann::json::object();
  for (const std::string& name : {cls, sep}) {
    if (!vocabulary.contains(name)) {
      std::string message = where;
      message.append(": the vocabulary has no '").append(name);
      message.append("'; set cls_token and sep_token in tokenizer_config.json");
      throw FormatError(message);
    }
    special[name] = {{"id", name}, {"ids", {vocabulary[name]}}, {"tokens", {name}}};
  }
  const auto token = [](const std::string& name) {
    return nlohmann::json{{"SpecialToken", {{"id", name}, {"type_id", 0}}}};
  };
  const auto sequence = [](const char* name, int type) {
    return nlohmann::json{{"Sequence", {{"id", name}, {"type_id", type}}}};
  };
  return {{"type", "TemplateProcessing"},
          {"single", nlohmann::json::array({token(cls), sequence("A", 0), token(sep)})},
          {"pair", nlohmann::json::array(
                       {token(cls), sequence("A", 0), token(sep), sequence("B", 1), token(sep)})},
          {"special_tokens", special}};
}

}  // namespace

std::string tokenizer_json_from_vocabulary(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "vocab.txt";
  const nlohmann::json vocabulary = read_vocabulary(path);
  const auto config = read_optional_object(folder / "tokenizer_config.json");
  const SpecialTokenNames names = read_special_token_names(folder);
  const std::string unk = names.unk.value_or("[UNK]");
  const std::string cls = names.cls.value_or("[CLS]");
  const std::string sep = names.sep.value_or("[SEP]");
  nlohmann::json strip_accents = nullptr;
  if (config && config->contains("strip_accents")) strip_accents = (*config)["strip_accents"];
  nlohmann::json tokens = added_tokens(
      config, {unk, sep, names.pad.value_or("[PAD]"), cls, names.mask.value_or("[MASK]")});
  number_tokens(tokens, vocabulary);
  const nlohmann::json document = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", tokens},
      {"normalizer",
       {{"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", flag(config, "tokenize_chinese_chars", true)},
        {"strip_accents", strip_accents},
        {"lowercase", flag(config, "do_lower_case", true)}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor", template_of(cls, sep, vocabulary, path.string())},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", unk},
        {"continuing_subword_prefix", "##"},
        {"max_input_chars_per_word", 100},
        {"vocab", vocabulary}}}};
  return document.dump();
}

SpecialTokenNames read_special_token_names(const std::filesystem::path& folder) {
  const auto config = read_optional_object(folder / "tokenizer_config.json");
  const auto map = read_optional_object(folder / "special_tokens_map.json");
  const bool config_first = config && config->contains("added_tokens_decoder");
  const auto name = [&](const char* key) {
    const auto first = token_name(config_first ? config : map, key);
    return first ? first : token_name(config_first ? map : config, key);
  };
  return {name("unk_token"),  name("cls_token"), name("sep_token"),
          name("mask_token"), name("pad_token"), name("eos_token")};
}

}  // namespace maxsimd
