// vocab.txt (declared in tokenizer_file.h).
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/component_json.h"
#include "maxsimd/text/tokenizer_file.h"

namespace maxsimd {
namespace {

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

nlohmann::json to_json(const AddedToken& token) {
  return {{"content", token.content},       {"single_word", token.single_word},
          {"lstrip", token.lstrip},         {"rstrip", token.rstrip},
          {"normalized", token.normalized}, {"special", token.special}};
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

std::string tokenizer_json_from_vocabulary(const std::filesystem::path& folder,
                                           const TokenizerConfig& config) {
  check_word_piece_class(config.tokenizer_class, folder);
  const std::filesystem::path path = folder / "vocab.txt";
  const nlohmann::json vocabulary = read_vocabulary(path);
  const std::string unk = config.names.unk.value_or("[UNK]");
  nlohmann::json strip_accents = nullptr;
  if (config.bert.strip_accents) strip_accents = *config.bert.strip_accents;
  nlohmann::json tokens = nlohmann::json::array();
  for (const AddedToken& added : config.tokens.to_add({}, true)) tokens.push_back(to_json(added));
  number_tokens(tokens, vocabulary);
  const nlohmann::json document = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", tokens},
      {"normalizer",
       {{"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", config.bert.tokenize_chinese_chars},
        {"strip_accents", strip_accents},
        {"lowercase", config.bert.do_lower_case}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"post_processor",
       template_of(config.names.cls.value_or("[CLS]"), config.names.sep.value_or("[SEP]"),
                   vocabulary, path.string())},
      {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
      {"model",
       {{"type", "WordPiece"},
        {"unk_token", unk},
        {"continuing_subword_prefix", "##"},
        {"max_input_chars_per_word", 100},
        {"vocab", vocabulary}}}};
  return document.dump();
}

}  // namespace maxsimd
