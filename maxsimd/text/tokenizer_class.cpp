#include "maxsimd/text/tokenizer_class.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/component_json.h"
#include "maxsimd/text/tokenizer_config.h"

namespace maxsimd {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Name = std::pair<std::string_view, TokenizerFamily>;

// Those that are BertTokenizerFast under another name, in transformers 4.48 as in 5.3.
constexpr std::array<std::string_view, 8> kWordPieceClasses = {
    "BertTokenizer",       "DistilBertTokenizer",  "ElectraTokenizer", "ConvBertTokenizer",
    "MobileBertTokenizer", "SqueezeBertTokenizer", "LxmertTokenizer",  "LayoutLMTokenizer"};

// Architectures that have a class by rule (TOKENIZER_MAPPING_NAMES), of those read here and their
// relatives; ModernBERT has none.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kClassOfModel = {
    {{"bert", "BertTokenizer"},
     {"distilbert", "BertTokenizer"},
     {"electra", "BertTokenizer"},
     {"convbert", "BertTokenizer"},
     {"squeezebert", "BertTokenizer"},
     {"layoutlm", "BertTokenizer"},
     {"mobilebert", "MobileBertTokenizer"},
     {"lxmert", "LxmertTokenizer"},
     {"roberta", "RobertaTokenizer"},
     {"xlm-roberta", "XLMRobertaTokenizer"},
     {"camembert", "CamembertTokenizer"}}};

constexpr std::array<Name, 19> kFamilies = {{{"BertTokenizer", TokenizerFamily::bert},
                                             {"DistilBertTokenizer", TokenizerFamily::bert},
                                             {"ElectraTokenizer", TokenizerFamily::bert},
                                             {"MobileBertTokenizer", TokenizerFamily::bert},
                                             {"SqueezeBertTokenizer", TokenizerFamily::bert},
                                             {"LxmertTokenizer", TokenizerFamily::bert},
                                             {"LayoutLMTokenizer", TokenizerFamily::bert},
                                             {"RobertaTokenizer", TokenizerFamily::roberta},
                                             {"BartTokenizer", TokenizerFamily::roberta},
                                             {"LEDTokenizer", TokenizerFamily::roberta},
                                             {"MvpTokenizer", TokenizerFamily::roberta},
                                             {"GPT2Tokenizer", TokenizerFamily::gpt2},
                                             {"XLMRobertaTokenizer", TokenizerFamily::xlm_roberta},
                                             {"CamembertTokenizer", TokenizerFamily::camembert},
                                             {"", TokenizerFamily::file},
                                             {"PreTrainedTokenizer", TokenizerFamily::file},
                                             {"TokenizersBackend", TokenizerFamily::file},
                                             {"FNetTokenizer", TokenizerFamily::file},
                                             {"ParakeetTokenizer", TokenizerFamily::file}}};

constexpr const char* kAdvice =
    "; open the folder once with transformers and save its fast tokenizer: "
    "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes the tokenizer.json that "
    "is read here";

std::string_view class_of_model(std::string_view model_type) {
  for (const auto& [type, name] : kClassOfModel) {
    if (type == model_type) return name;
  }
  return {};
}

TokenizerFamily family_of(std::string_view name) {
  for (const auto& [known, family] : kFamilies) {
    if (known == name) return family;
  }
  return TokenizerFamily::unknown;
}

bool is_word_piece(std::string_view name) {
  return std::ranges::find(kWordPieceClasses, name) != kWordPieceClasses.end();
}

// Code in the folder itself, which is not run: the class named then counts for all architectures.
bool has_own_code(const json& tokenizer_config) {
  const auto map = tokenizer_config.find("auto_map");
  if (map == tokenizer_config.end()) return false;
  return map->is_array() || (map->is_object() && !map->value("AutoTokenizer", json()).is_null());
}

std::string without_fast(std::string name) {
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  return name;
}

TokenizerFamily family_in(const TokenizerClass& named, bool is_in_tokenizer_config,
                          const json& tokenizer_config, const fs::path& folder) {
  const std::string_view by_rule = class_of_model(named.model_type);
  const bool has_file = fs::exists(folder / "tokenizer.json");
  if (!has_file) return TokenizerFamily::bert;  // or refused by check_word_piece_class
  if (named.name.empty()) return family_of(by_rule);
  const bool is_another = !by_rule.empty() && by_rule != named.name;
  if (is_in_tokenizer_config && is_another && !has_own_code(tokenizer_config)) {
    return TokenizerFamily::file;
  }
  return family_of(named.name);
}

}  // namespace

std::string TokenizerClass::title() const {
  return name.empty() ? std::string(class_of_model(model_type)) : name;
}

TokenizerClass read_tokenizer_class(const json& tokenizer_config, const fs::path& folder) {
  const json architecture = read_json_object(folder / "config.json");
  const ComponentJson fields(architecture, (folder / "config.json").string());
  TokenizerClass out;
  if (fields.has("model_type")) out.model_type = fields.text("model_type");
  const ComponentJson own(tokenizer_config, (folder / "tokenizer_config.json").string());
  for (const ComponentJson* file : {&own, &fields}) {
    if (!out.place.empty() || !file->has("tokenizer_class")) continue;
    out.name = without_fast(file->text("tokenizer_class"));
    out.place = file->where() + ": \"tokenizer_class\"";
  }
  out.family = family_in(out, own.has("tokenizer_class"), tokenizer_config, folder);
  return out;
}

std::string_view default_special_token(TokenizerFamily family, std::string_view key) {
  using Tokens = std::map<std::string_view, std::string_view>;
  static const Tokens bert = {{"unk_token", "[UNK]"},
                              {"sep_token", "[SEP]"},
                              {"pad_token", "[PAD]"},
                              {"cls_token", "[CLS]"},
                              {"mask_token", "[MASK]"}};
  static const Tokens roberta = {
      {"bos_token", "<s>"},   {"eos_token", "</s>"},  {"sep_token", "</s>"},   {"cls_token", "<s>"},
      {"unk_token", "<unk>"}, {"pad_token", "<pad>"}, {"mask_token", "<mask>"}};
  static const Tokens gpt2 = {{"bos_token", "<|endoftext|>"},
                              {"eos_token", "<|endoftext|>"},
                              {"unk_token", "<|endoftext|>"}};
  static const Tokens none;
  const bool is_plain = family == TokenizerFamily::file || family == TokenizerFamily::unknown;
  const Tokens& tokens = is_plain                          ? none
                         : family == TokenizerFamily::bert ? bert
                         : family == TokenizerFamily::gpt2 ? gpt2
                                                           : roberta;
  const auto found = tokens.find(key);
  return found == tokens.end() ? std::string_view() : found->second;
}

void check_word_piece_class(const TokenizerClass& tokenizer_class, const fs::path& folder) {
  const std::string start = (folder / "vocab.txt").string() + " without a tokenizer.json: ";
  std::string supported;
  for (const std::string_view name : kWordPieceClasses) {
    supported.append(supported.empty() ? "" : ", ").append(name);
  }
  if (!tokenizer_class.name.empty() && !is_word_piece(tokenizer_class.name)) {
    throw FormatError(start + tokenizer_class.place + " is '" + tokenizer_class.name +
                      "'; of a vocab.txt alone only plain WordPiece tokenizers are read (" +
                      supported + ", each with or without \"Fast\")" + kAdvice);
  }
  if (tokenizer_class.name.empty() && !tokenizer_class.model_type.empty() &&
      !is_word_piece(class_of_model(tokenizer_class.model_type))) {
    throw FormatError(start + "no file names a \"tokenizer_class\", and that of model_type '" +
                      tokenizer_class.model_type +
                      "' is no plain WordPiece tokenizer; supported are " + supported + kAdvice);
  }
  const json settings = read_json_object(folder / "tokenizer_config.json");
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
