#include "maxsimd/text/tokenizer_config.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/text/component_json.h"

namespace maxsimd {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Those that are BertTokenizerFast under another name, in transformers 4.48 as in 5.3.
constexpr std::array<std::string_view, 8> kWordPieceClasses = {
    "BertTokenizer",       "DistilBertTokenizer",  "ElectraTokenizer", "ConvBertTokenizer",
    "MobileBertTokenizer", "SqueezeBertTokenizer", "LxmertTokenizer",  "LayoutLMTokenizer"};
// Architectures whose tokenizer is one, where no file names the class.
constexpr std::array<std::string_view, 8> kWordPieceModels = {
    "bert", "distilbert", "electra", "convbert", "mobilebert", "squeezebert", "lxmert", "layoutlm"};

constexpr std::array<std::string_view, 7> kNamedTokens = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

constexpr const char* kAdvice =
    "; open the folder once with transformers and save its fast tokenizer: "
    "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes the tokenizer.json that "
    "is read here";

template <class Range>
bool has(const Range& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

json read_object(const fs::path& path) {
  if (!fs::exists(path)) return json::object();
  json value = read_json_file(path);
  ComponentJson(value, path.string());  // refuses anything but an object
  return value;
}

struct Files {
  fs::path folder;
  json config, map;

  explicit Files(const fs::path& place)
      : folder(place),
        config(read_object(place / "tokenizer_config.json")),
        map(read_object(place / "special_tokens_map.json")) {}

  std::string config_place() const { return (folder / "tokenizer_config.json").string(); }
  bool is_newer_kind() const { return config.contains("added_tokens_decoder"); }
  /// The value that counts: the map's, but beside a config of the newer kind it is not read.
  const json* find(std::string_view key) const {
    for (const json* file : {&map, &config}) {
      if (file == &map && is_newer_kind()) continue;
      const auto found = file->find(key);
      if (found != file->end() && !found->is_null()) return &*found;
    }
    return nullptr;
  }
};

// "[MASK]" or {"content": "[MASK]", ...}.
std::optional<std::string> content_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string()) {
    return value["content"].get<std::string>();
  }
  return std::nullopt;
}

AddedToken token_of(const json& value, const std::string& where) {
  const ComponentJson fields(value, where);
  AddedToken token;
  token.content = fields.text("content");
  token.single_word = fields.boolean_or("single_word", false);
  token.lstrip = fields.boolean_or("lstrip", false);
  token.rstrip = fields.boolean_or("rstrip", false);
  token.special = fields.boolean_or("special", false);
  token.normalized = fields.boolean_or("normalized", !token.special);
  return token;
}

AddedToken special_token(const std::string& content) {
  AddedToken token;
  token.content = content;
  token.normalized = false;
  token.special = true;
  return token;
}

/// Tokens under names of a model's own, "image_token" or {"extra_special_tokens": {"q_token":
/// "[Q]"}}, in transformers' order: objects, strings, then those in an object of names.
std::vector<json> named_by_the_model(const Files& files) {
  std::vector<json> objects, strings;
  if (!fs::exists(files.config_place())) return {};
  // Again, since the order in the file counts.
  const auto config = nlohmann::ordered_json::parse(read_file(files.config_place()));
  for (const auto& [key, value] : config.items()) {
    if (!key.ends_with("_token") || has(kNamedTokens, key)) continue;
    (value.is_object() ? objects : strings).emplace_back(value);
  }
  objects.insert(objects.end(), strings.begin(), strings.end());
  const auto extra = config.find("extra_special_tokens");
  if (extra == config.end() || !extra->is_object()) return objects;
  for (const auto& value : *extra) objects.emplace_back(value);
  return objects;
}

/// The special tokens in transformers' order, each once: by name, then the additional ones.
std::vector<ConfiguredToken> special_tokens(const Files& files, const TokenizerConfig& config) {
  const bool is_bert =
      has(kWordPieceClasses, config.class_name) ||
      (config.class_name.empty() &&
       (has(kWordPieceModels, config.model_type) || !fs::exists(files.folder / "tokenizer.json")));
  const std::map<std::string, std::string> defaults = {{"unk_token", "[UNK]"},
                                                       {"sep_token", "[SEP]"},
                                                       {"pad_token", "[PAD]"},
                                                       {"cls_token", "[CLS]"},
                                                       {"mask_token", "[MASK]"}};
  std::vector<ConfiguredToken> tokens;
  const auto add = [&](const json& value, bool is_map) {
    const std::optional<std::string> content = content_of(value);
    if (!content || content->empty()) return;
    const auto same = [&](const ConfiguredToken& other) { return other.token.content == *content; };
    if (std::ranges::any_of(tokens, same)) return;
    ConfiguredToken token{special_token(*content), false};
    if (value.is_object()) {
      token.token = token_of(value, files.config_place());
      token.token.special = true;
      token.with_flags = is_map;
    }
    tokens.push_back(token);
  };
  for (const std::string_view key : kNamedTokens) {
    const json* value = files.find(key);
    const auto usual = defaults.find(std::string(key));
    if (value != nullptr) {
      add(*value, !files.is_newer_kind());
    } else if (is_bert && usual != defaults.end()) {
      add(usual->second, false);
    }
  }
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    const json* list = files.config.contains(key) ? &files.config[key]
                       : files.is_newer_kind()    ? nullptr
                       : files.map.contains(key)  ? &files.map[key]
                                                  : nullptr;
    if (list == nullptr || !list->is_array()) continue;
    for (const json& value : *list) add(value, false);
  }
  for (const json& value : named_by_the_model(files)) add(value, false);
  return tokens;
}

/// added_tokens_decoder of tokenizer_config.json ({"0": {"content": ...}}), by id.
std::map<int64_t, AddedToken> decoder_tokens(const Files& files) {
  const std::string where = files.config_place() + ": added_tokens_decoder";
  const json& decoder = files.config["added_tokens_decoder"];
  std::map<int64_t, AddedToken> tokens;
  const ComponentJson check(decoder, where);
  for (const auto& [id, token] : decoder.items()) {
    const bool is_number =
        !id.empty() && id.size() < 10 && id.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) check.fail("expected token ids as keys, found '" + id + "'");
    tokens[std::stoll(id)] = token_of(token, std::string(where).append(".").append(id));
  }
  return tokens;
}

/// added_tokens.json ({"[Q]": 30522}) of folders older than added_tokens_decoder, by id.
std::map<int64_t, AddedToken> legacy_tokens(const Files& files,
                                            const std::vector<ConfiguredToken>& special) {
  const fs::path path = files.folder / "added_tokens.json";
  const json list = read_object(path);
  const ComponentJson check(list, path.string());
  std::map<int64_t, AddedToken> tokens;
  for (const auto& [content, id] : list.items()) {
    AddedToken token;
    token.content = content;
    token.special = std::ranges::any_of(special, [&name = content](const ConfiguredToken& other) {
      return other.token.content == name;
    });
    token.normalized = !token.special;
    tokens[check.token_id(content.c_str())] = token;
  }
  return tokens;
}

std::vector<ConfiguredToken> configured_tokens(const Files& files, const TokenizerConfig& config) {
  const std::vector<ConfiguredToken> special = special_tokens(files, config);
  const std::map<int64_t, AddedToken> listed =
      files.is_newer_kind() ? decoder_tokens(files) : legacy_tokens(files, special);
  std::vector<ConfiguredToken> tokens;
  for (const auto& [id, token] : listed) tokens.push_back({token, true});
  for (const ConfiguredToken& token : special) {
    const auto same = [&](const ConfiguredToken& other) {
      return other.token.content == token.token.content;
    };
    if (std::ranges::none_of(tokens, same)) tokens.push_back(token);
  }
  return tokens;
}

SpecialTokenNames names_of(const Files& files) {
  const auto name = [&](const char* key) {
    const json* value = files.find(key);
    return value == nullptr ? std::nullopt : content_of(*value);
  };
  return {name("unk_token"),  name("cls_token"), name("sep_token"),
          name("mask_token"), name("pad_token"), name("eos_token")};
}

void read_class(const Files& files, TokenizerConfig& config) {
  const json architecture = read_object(files.folder / "config.json");
  const ComponentJson fields(architecture, (files.folder / "config.json").string());
  if (fields.has("model_type")) config.model_type = fields.text("model_type");
  const ComponentJson own(files.config, files.config_place());
  for (const ComponentJson* file : {&own, &fields}) {
    if (!file->has("tokenizer_class")) continue;
    config.class_name = file->text("tokenizer_class");
    config.class_place = file->where() + ": \"tokenizer_class\"";
    if (config.class_name.ends_with("Fast")) config.class_name.resize(config.class_name.size() - 4);
    return;
  }
}

// null is an error there too.
bool flag(const ComponentJson& config, const char* key, bool otherwise) {
  return config.value().contains(key) ? config.boolean(key) : otherwise;
}

void read_settings(const ComponentJson& config, TokenizerConfig& out) {
  if (config.boolean_or("split_special_tokens", false)) {
    config.fail("'split_special_tokens' is true, which is not supported");
  }
  if (config.has("truncation_side")) {
    const std::string side = config.text("truncation_side");
    if (side != "left" && side != "right") {
      config.fail("'truncation_side' must be \"left\" or \"right\", is \"" + side + "\"");
    }
    out.overrides.truncation_side = side == "left" ? TruncationSide::left : TruncationSide::right;
  }
  const std::string_view type = out.model_type;
  const bool is_bert =
      out.class_name == "BertTokenizer"
          ? type != "roberta" && type != "xlm-roberta" && type != "camembert"
          : out.class_name.empty() && has(kWordPieceModels, type) && type != "mobilebert";
  if (is_bert || has(kWordPieceClasses, out.class_name) || out.class_name.empty()) {
    out.bert.do_lower_case = flag(config, "do_lower_case", true);
    out.bert.tokenize_chinese_chars = flag(config, "tokenize_chinese_chars", true);
    if (config.has("strip_accents")) out.bert.strip_accents = config.boolean("strip_accents");
  }
  if (is_bert) out.overrides.bert = out.bert;
  // Of an architecture that has another class by rule, transformers keeps the file's tokenizer.
  const bool has_another =
      has(kWordPieceModels, type) || type == "xlm-roberta" || type == "camembert";
  if ((out.class_name == "RobertaTokenizer" && !has_another) ||
      (out.class_name.empty() && type == "roberta")) {
    out.overrides.add_prefix_space = flag(config, "add_prefix_space", false);
  }
}

/// Sets a field; returns whether that changed it.
bool change(json& object, const char* key, const json& value) {
  const auto found = object.find(key);
  if (found != object.end() ? *found == value : value.is_null()) return false;
  object[key] = value;
  return true;
}

bool is_component(const json& document, const char* key, const char* type) {
  const auto found = document.find(key);
  return found != document.end() && found->is_object() && found->value("type", json()) == type;
}

}  // namespace

bool TokenizerOverrides::apply(json& document) const {
  if (!document.is_object()) return false;
  bool is_changed = false;
  if (bert && is_component(document, "normalizer", "BertNormalizer")) {
    json& normalizer = document["normalizer"];
    const json accents = bert->strip_accents ? json(*bert->strip_accents) : json(nullptr);
    is_changed |= change(normalizer, "lowercase", bert->do_lower_case);
    is_changed |= change(normalizer, "handle_chinese_chars", bert->tokenize_chinese_chars);
    is_changed |= change(normalizer, "strip_accents", accents);
  }
  if (add_prefix_space && is_component(document, "pre_tokenizer", "ByteLevel")) {
    is_changed |= change(document["pre_tokenizer"], "add_prefix_space", *add_prefix_space);
  }
  const auto truncation = document.find("truncation");
  const bool has_block = truncation != document.end() && truncation->is_object();
  if (truncation_side && has_block) {
    const char* side = *truncation_side == TruncationSide::left ? "Left" : "Right";
    is_changed |= change(*truncation, "direction", side);
  } else if (truncation_side == TruncationSide::left) {
    document["truncation"] = {
        {"direction", "Left"}, {"max_length", 512}, {"strategy", "LongestFirst"}, {"stride", 0}};
    is_changed = true;
  }
  return is_changed;
}

TokenizerConfig read_tokenizer_config(const fs::path& folder) {
  const Files files(folder);
  TokenizerConfig config;
  read_class(files, config);
  read_settings(ComponentJson(files.config, files.config_place()), config);
  config.names = names_of(files);
  config.added = configured_tokens(files, config);
  return config;
}

void check_word_piece_class(const TokenizerConfig& config, const fs::path& folder) {
  const std::string start = (folder / "vocab.txt").string() + " without a tokenizer.json: ";
  std::string supported;
  for (const std::string_view name : kWordPieceClasses) {
    supported.append(supported.empty() ? "" : ", ").append(name);
  }
  if (!config.class_name.empty() && !has(kWordPieceClasses, config.class_name)) {
    throw FormatError(start + config.class_place + " is '" + config.class_name +
                      "'; of a vocab.txt alone only plain WordPiece tokenizers are read (" +
                      supported + ", each with or without \"Fast\")" + kAdvice);
  }
  if (config.class_name.empty() && !config.model_type.empty() &&
      !has(kWordPieceModels, config.model_type)) {
    throw FormatError(start + "no file names a \"tokenizer_class\", and that of model_type '" +
                      config.model_type + "' is no plain WordPiece tokenizer; supported are " +
                      supported + kAdvice);
  }
  const json settings = read_object(folder / "tokenizer_config.json");
  const std::map<std::string, json> only = {{"do_basic_tokenize", true},
                                            {"never_split", json::array()},
                                            {"clean_text", true},
                                            {"wordpieces_prefix", "##"},
                                            {"word_tokenizer_type", "basic"},
                                            {"subword_tokenizer_type", "wordpiece"}};
  for (const auto& [key, value] : only) {
    const auto found = settings.find(key);
    if (found == settings.end() || found->is_null() || *found == value) continue;
    throw FormatError(start + (folder / "tokenizer_config.json").string() + ": \"" + key +
                      "\" is " + found->dump() + ", supported is only " + value.dump() +
                      ": the slow and the fast tokenizer of transformers differ in it" + kAdvice);
  }
}

}  // namespace maxsimd
