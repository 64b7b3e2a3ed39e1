#include "maxsimd/checkpoint/settings.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/checkpoint/config_reader.h"

namespace maxsimd {
namespace {

void read_prompts(const ConfigReader& config, ColbertSettings& settings) {
  settings.default_prompt_name = config.text("default_prompt_name");
  const auto prompts = config.json().find("prompts");
  if (prompts == config.json().end() || prompts->is_null()) return;
  if (!prompts->is_object()) config.fail("prompts", "an object of names to texts");
  for (const auto& [name, prompt] : prompts->items()) {
    if (prompt.is_null()) continue;
    if (!prompt.is_string()) config.fail("prompts", "an object of names to texts");
    settings.prompts[name] = prompt.get<std::string>();
  }
}

void check_length(size_t length, const char* name) {
  if (length > 0) return;
  throw std::invalid_argument(std::string(name) + " must be at least 1 token, got 0");
}

}  // namespace

const std::vector<std::string>& default_skiplist_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> result;
    for (const char c : std::string_view("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")) {
      result.emplace_back(1, c);
    }
    return result;
  }();
  return words;
}

void read_sentence_transformers_settings(const std::string& text, const std::string& where,
                                         CheckpointOptions& options, ColbertSettings& settings) {
  const ConfigReader config = ConfigReader::parse(text, where);
  fill(options.query_prefix, config.text("query_prefix"));
  fill(options.document_prefix, config.text("document_prefix"));
  fill(options.query_length, config.count("query_length"));
  fill(options.document_length, config.count("document_length"));
  fill(options.do_query_expansion, config.flag("do_query_expansion"));
  fill(options.attend_to_expansion_tokens, config.flag("attend_to_expansion_tokens"));
  fill(options.skiplist_words, config.texts("skiplist_words"));
  read_prompts(config, settings);
}

void read_stanford_settings(const std::filesystem::path& folder, CheckpointOptions& options) {
  const ConfigReader metadata = ConfigReader::read_if_present(folder / "artifact.metadata");
  // Despite their names these are token strings ("[unused0]"), not ids.
  fill(options.query_prefix, metadata.text("query_token_id"));
  fill(options.document_prefix, metadata.text("doc_token_id"));
  fill(options.query_length, metadata.count("query_maxlen"));
  fill(options.document_length, metadata.count("doc_maxlen"));
  fill(options.attend_to_expansion_tokens, metadata.flag("attend_to_mask_tokens"));
  fill(options.query_prefix, std::optional<std::string>("[unused0]"));
  fill(options.document_prefix, std::optional<std::string>("[unused1]"));
}

void apply_options(const CheckpointOptions& options, ColbertSettings& settings) {
  const ColbertSettings defaults;
  settings.query_prefix = options.query_prefix.value_or(defaults.query_prefix);
  settings.document_prefix = options.document_prefix.value_or(defaults.document_prefix);
  settings.query_length = options.query_length.value_or(defaults.query_length);
  settings.document_length = options.document_length.value_or(defaults.document_length);
  settings.do_query_expansion = options.do_query_expansion.value_or(defaults.do_query_expansion);
  settings.attend_to_expansion_tokens =
      settings.do_query_expansion && options.attend_to_expansion_tokens.value_or(false);
  settings.skiplist_words = options.skiplist_words.value_or(default_skiplist_words());
  check_length(settings.query_length, "query_length");
  check_length(settings.document_length, "document_length");
}

}  // namespace maxsimd
