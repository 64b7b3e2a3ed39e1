#include "maxsimd/checkpoint/multi_vector.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/config_reader.h"
#include "maxsimd/checkpoint/settings.h"
#include "maxsimd/checkpoint/transformer_config.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// The tokenizer's model_max_length, at most the encoder's positions. Some files say 10^30.
std::optional<size_t> longest_text(const Checkpoint& checkpoint, const ConfigReader& transformer) {
  if (const auto length = transformer.count("max_seq_length")) return length;
  constexpr double kMost = 1 << 24;
  const ConfigReader tokenizer =
      ConfigReader::read_if_present(checkpoint.encoder_folder / "tokenizer_config.json");
  const auto found = tokenizer.json().find("model_max_length");
  const bool is_number = found != tokenizer.json().end() && found->is_number();
  const double length = is_number ? found->get<double>() : kMost;
  const ConfigReader config = ConfigReader::parse(checkpoint.config_text, "config.json");
  const size_t positions = config.count("max_position_embeddings").value_or(size_t{1} << 24);
  if (!(length >= 1.0)) tokenizer.fail("model_max_length", "a number of at least 1");
  return std::min(positions, static_cast<size_t>(std::min(length, kMost)));
}

// {"strategy": "fixed" | "min", "length": n, "attend": bool, "token": text or null}
void read_expansion(const ConfigReader& transformer, size_t longest, CheckpointOptions& options,
                    MultiVectorSettings& out) {
  const std::optional<size_t> ceiling = transformer.count("query_length");
  const auto found = transformer.json().find("query_expansion");
  if (found == transformer.json().end() || found->is_null()) {
    fill(options.do_query_expansion, std::optional(false));
    fill(options.query_length, std::optional(ceiling.value_or(longest)));
    return;
  }
  const ConfigReader expansion =
      ConfigReader::parse(found->dump(), transformer.where() + ": \"query_expansion\"");
  const std::optional<size_t> length = expansion.count("length");
  if (!length) expansion.fail("length", "the tokens to fill queries up to");
  const std::string strategy = expansion.text("strategy").value_or("");
  if (strategy != "fixed" && strategy != "min") {
    expansion.fail("strategy", "\"fixed\" or \"min\"");
  }
  fill(options.do_query_expansion, std::optional(true));
  fill(options.attend_to_expansion_tokens, std::optional(expansion.flag("attend").value_or(false)));
  out.expansion_token = expansion.text("token");
  if (strategy == "min") {
    out.expansion_length = length;
    fill(options.query_length, std::optional(std::max(ceiling.value_or(longest), *length)));
  }
  fill(options.query_length, length);
}

// Unknown words are no part of the skiplist there. Here, as in PyLate, one stands for the unknown
// token, so beside that token's own name they may stay, in its place.
std::vector<std::string> skiplist_of(const std::vector<std::string>& words,
                                     const Tokenizer& tokenizer, std::vector<std::string>& notes) {
  const auto unknown =
      tokenizer.unk_id() ? tokenizer.id_to_token(*tokenizer.unk_id()) : std::nullopt;
  const bool has_token = unknown && std::ranges::find(words, *unknown) != words.end();
  std::vector<std::string> known, all;
  for (const std::string& word : words) {
    if (tokenizer.token_to_id(word)) known.push_back(word);
    if (!has_token || word != *unknown) all.push_back(word);
  }
  if (has_token && known.size() < words.size()) return all;
  for (const std::string& word : words) {
    if (tokenizer.token_to_id(word)) continue;
    notes.push_back("skiplist word '" + word + "' is no token of the model: left out");
  }
  return known;
}

// A list, or the name of one task.
std::vector<std::string> skiplist_tasks(const ConfigReader& mask) {
  const auto found = mask.json().find("skiplist_tasks");
  if (found != mask.json().end() && found->is_string()) return {found->get<std::string>()};
  return mask.texts("skiplist_tasks").value_or(std::vector<std::string>{"document"});
}

void read_mask(const ConfigReader& mask, const Tokenizer& tokenizer, CheckpointOptions& options,
               ColbertSettings& settings, std::vector<std::string>& notes) {
  const auto allowed = mask.json().find("keep_only_token_ids");
  if (allowed != mask.json().end() && !allowed->is_null() && !allowed->empty()) {
    mask.fail("keep_only_token_ids", "null: models of images are not supported");
  }
  const std::vector<std::string> tasks = skiplist_tasks(mask);
  const auto applies_to = [&](const char* task) {
    return std::ranges::find(tasks, task) != tasks.end();
  };
  std::vector<std::string> words =
      mask.texts("skiplist_words").value_or(std::vector<std::string>{});
  settings.multi_vector.skip_in_queries = !words.empty() && applies_to("query");
  settings.multi_vector.skip_in_documents =
      !settings.multi_vector.skip_in_queries || applies_to("document");
  if (!settings.multi_vector.skip_in_queries && !applies_to("document")) words.clear();
  fill(options.skiplist_words, std::optional(skiplist_of(words, tokenizer, notes)));
}

/// The prompt that encode_query() or encode_document() puts before a text, as prefix or as prompt.
void read_prompt(const char* name, const Tokenizer& tokenizer, std::optional<std::string>& prefix,
                 std::map<std::string, std::string>& prompts, std::optional<std::string>& prompt) {
  const auto found = prompts.find(name);
  if (found != prompts.end() && is_one_token(tokenizer, found->second)) {
    fill(prefix, std::optional(found->second));
    found->second.clear();
  } else if (found != prompts.end()) {
    prompt = found->second;
  }
  fill(prefix, std::optional<std::string>(""));
}

constexpr const char* kTokens = "token_embeddings";

// sentence-transformers makes other settings of what PyLate's folders say in this file.
void check_metadata(const Checkpoint& checkpoint) {
  if (checkpoint.metadata_text.empty()) return;
  const ConfigReader metadata = ConfigReader::parse(
      checkpoint.metadata_text, (checkpoint.folder / "config_sentence_transformers.json").string());
  for (const char* key : {"query_prefix", "document_prefix", "query_length", "document_length",
                          "query_expansion", "do_query_expansion", "attend_to_expansion_tokens",
                          "attend_to_mask_tokens", "skiplist_words"}) {
    if (!metadata.json().contains(key)) continue;
    metadata.fail(key,
                  "absent beside a MultiVectorMask: it is a setting of PyLate's folders "
                  "(sentence_bert_config.json, the mask's config.json and prompts have it here)");
  }
  if (metadata.text("model_type") == "ColBERT") {
    metadata.fail("model_type", "\"MultiVectorEncoder\" beside a MultiVectorMask");
  }
}

// A Dense whose config says nothing of it takes and gives vectors of tokens.
void check_dense(const ConfigReader& dense) {
  for (const char* key : {"module_input_name", "module_output_name"}) {
    if (dense.text(key).value_or(kTokens) == kTokens) continue;
    dense.fail(key, "\"token_embeddings\": other vectors are not projected");
  }
}

void check_chain(const fs::path& folder, const ModuleList& modules) {
  if (!modules.normalize_path) {
    throw FormatError(modules.where +
                      ": the chain has no Normalize; vectors that are not normalised are not "
                      "supported");
  }
  if (modules.normalize_path->empty()) {
    throw FormatError(modules.where + ": expected Normalize in a folder of its own");
  }
  for (size_t i = 1; i < modules.modules.size(); ++i) {
    check_dense(ConfigReader::read(folder / modules.modules[i].path / "config.json"));
  }
  const ConfigReader normalize =
      ConfigReader::read_if_present(folder / *modules.normalize_path / "config.json");
  const auto expect_tokens = [&](const char* key, const char* otherwise) {
    if (normalize.text(key).value_or(otherwise) == kTokens) return;
    normalize.fail(key,
                   "\"token_embeddings\": vectors of tokens that are not normalised are not "
                   "supported");
  };
  expect_tokens("module_input_name", "sentence_embedding");
  expect_tokens("module_output_name", kTokens);
}

}  // namespace

bool is_read_apart(const Tokenizer& tokenizer, TokenId id, const std::string& prompt) {
  // Words, letter case, digits and signs: what pre-tokenizers begin a text with.
  for (const char* text : {"", "a", "Hello, world", "1", "(x", "\xC3\xA9t\xC3\xA9"}) {
    std::vector<TokenId> expected = tokenizer.encode(text).ids;
    if (expected.empty()) return false;
    expected.insert(expected.begin() + 1, id);
    if (tokenizer.encode(prompt + text).ids != expected) return false;
  }
  return true;
}

bool is_one_token(const Tokenizer& tokenizer, const std::string& prompt) {
  const std::optional<TokenId> id = tokenizer.token_to_id(prompt);
  return id && is_read_apart(tokenizer, *id, prompt);
}

void read_multi_vector_settings(const Checkpoint& checkpoint, const ModuleList& modules,
                                CheckpointOptions& options, ColbertSettings& settings,
                                std::vector<std::string>& notes) {
  check_chain(checkpoint.folder, modules);
  check_metadata(checkpoint);
  const ConfigReader transformer = read_transformer_config(checkpoint.encoder_folder);
  const size_t longest = *longest_text(checkpoint, transformer);
  read_expansion(transformer, longest, options, settings.multi_vector);
  fill(options.document_length,
       std::optional(transformer.count("document_length").value_or(longest)));
  const Tokenizer tokenizer = Tokenizer::load(checkpoint.encoder_folder);
  read_mask(ConfigReader::read(checkpoint.folder / modules.mask_path / "config.json"), tokenizer,
            options, settings, notes);
  MultiVectorSettings& own = settings.multi_vector;
  own.strip_texts = false;
  read_prompt("query", tokenizer, options.query_prefix, settings.prompts, own.query_prompt);
  read_prompt("document", tokenizer, options.document_prefix, settings.prompts,
              own.document_prompt);
  settings.default_prompt_name.reset();  // never used beside those two, which are there, if empty
}

}  // namespace maxsimd
