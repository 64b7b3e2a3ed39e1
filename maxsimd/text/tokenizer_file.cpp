#include "maxsimd/text/tokenizer_file.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/text/component_json.h"
#include "maxsimd/text/made_anew.h"
#include "maxsimd/text/model_json.h"

namespace maxsimd {
namespace {

TruncationSide truncation_side_of(const ComponentJson& json) {
  if (!json.has("truncation")) return TruncationSide::right;
  const ComponentJson truncation = json.object("truncation");
  if (!truncation.has("direction")) return TruncationSide::right;
  const std::string direction = truncation.text("direction");
  if (direction == "Left") return TruncationSide::left;
  if (direction == "Right") return TruncationSide::right;
  truncation.fail("direction '" + direction + "' is neither Left nor Right");
}

AddedToken added_token_of(const ComponentJson& json) {
  AddedToken token;
  token.content = json.text("content");
  token.single_word = json.boolean("single_word");
  token.lstrip = json.boolean("lstrip");
  token.rstrip = json.boolean("rstrip");
  token.normalized = json.boolean("normalized");
  token.special = json.boolean("special");
  return token;
}

std::vector<AddedToken> added_tokens_of(const ComponentJson& json) {
  std::vector<AddedToken> tokens;
  if (!json.has("added_tokens")) return tokens;
  for (const ComponentJson& token : json.objects("added_tokens")) {
    tokens.push_back(added_token_of(token));
    tokens.back().id = token.token_id("id");  // as in HF the token's place decides its true id
  }
  return tokens;
}

nlohmann::json to_json(const AddedToken& token) {
  return {{"id", token.id},          {"content", token.content}, {"single_word", token.single_word},
          {"lstrip", token.lstrip},  {"rstrip", token.rstrip},   {"normalized", token.normalized},
          {"special", token.special}};
}

TextPipelineParts read_parts(const ComponentJson& json, JsonMembers tokens, std::string_view text) {
  if (json.has("version") && json.text("version") != "1.0") {
    json.fail("version '" + json.text("version") + "' of tokenizer.json, expected '1.0'");
  }
  TextPipelineParts parts;
  parts.model = make_token_model(json.object("model"), std::move(tokens), text);
  if (json.has("normalizer")) parts.normalizer = make_normalizer(json.object("normalizer"));
  if (json.has("pre_tokenizer")) {
    parts.pre_tokenizer = make_pre_tokenizer(json.object("pre_tokenizer"));
  }
  if (json.has("post_processor")) {
    parts.post_processor = PostProcessor(json.object("post_processor"));
  }
  parts.truncation_side = truncation_side_of(json);
  return parts;
}

std::optional<std::string> padding_token_of(const ComponentJson& json) {
  if (!json.has("padding")) return std::nullopt;
  const ComponentJson padding = json.object("padding");
  return padding.has("pad_token") ? std::optional(padding.text("pad_token")) : std::nullopt;
}

// transformers takes padding_side from it, unless tokenizer_config.json has one.
void check_padding_side(const ComponentJson& json, const TokenizerConfig* config) {
  if (!json.has("padding") || (config != nullptr && config->has_padding_side)) return;
  const ComponentJson padding = json.object("padding");
  if (!padding.has("direction") || padding.text("direction") == "Right") return;
  padding.fail("direction must be \"Right\", is \"" + padding.text("direction") +
               "\": texts are filled up behind their end only; write \"Right\", or "
               "\"padding_side\": \"right\" in tokenizer_config.json, if the model was trained so");
}

// Encoders have one token type here. Where transformers makes the post-processor anew, or the model
// takes no types, the file's do not count.
void check_token_types(const TokenizerConfig& config, const PostProcessor& post_processor,
                       const std::string& where) {
  const std::string& model = config.tokenizer_class.model_type;
  const bool takes_types = config.has_token_types && model != "distilbert" && model != "modernbert";
  const bool is_anew = config.tokenizer_class.is_made_anew();
  if (!post_processor.has_other_types() || !takes_types || is_anew) return;
  throw FormatError(where +
                    ": post_processor: \"single\" gives a \"type_id\" other than 0, which is not "
                    "supported; write 0, if the model was trained so");
}

// HF would look for such a token in the raw and in the normalized text, which no file can say.
void check_normalized(const std::vector<AddedToken>& there, const std::vector<AddedToken>& added,
                      const std::string& where) {
  std::map<std::string_view, bool> normalized;
  for (const auto* tokens : {&there, &added}) {
    for (const AddedToken& token : *tokens) {
      const auto [other, is_new] = normalized.emplace(token.content, token.normalized);
      if (is_new || other->second == token.normalized) continue;
      throw FormatError(where + ": the added token '" + token.content +
                        "' comes with \"normalized\" true and false, in this file and those "
                        "beside it (tokenizer_config.json, added_tokens.json); write the same "
                        "value in all of them");
    }
  }
}

/// Adds the tokens of a tokenizer.json and those of the files beside it; returns whether the latter
/// made a difference.
bool add_tokens(const std::vector<AddedToken>& of_file, const std::optional<std::string>& padding,
                const TokenizerConfig* config, const std::string& where, TextPipeline& pipeline) {
  pipeline.add_tokens(of_file);
  if (config == nullptr) return false;
  const bool is_made_anew = config->tokenizer_class.is_made_anew();
  const auto tokens = config->tokens.to_add(of_file, is_made_anew, padding);
  if (tokens.empty() && !is_made_anew) return false;
  const std::vector<AddedToken> before = pipeline.added().tokens();
  check_normalized(is_made_anew ? std::vector<AddedToken>() : before, tokens, where);
  if (is_made_anew) pipeline.remove_added_tokens();
  pipeline.add_tokens(tokens);
  return pipeline.added().tokens() != before;
}

TokenizerFile read_file_text(std::string_view text, const std::string& where,
                             const TokenizerFileOptions& options) {
  JsonMembers tokens;
  nlohmann::json document = parse_json_apart(text, where, {"model", "vocab"}, tokens);
  const TokenizerConfig* config = options.config;
  const bool is_overridden = config != nullptr && config->overrides.apply(document);
  const ComponentJson json(document, where);
  check_padding_side(json, config);
  TextPipelineParts parts = read_parts(json, std::move(tokens), text);
  parts.lowercase_first = options.lowercase_first;
  TokenizerFile file{TextPipeline(std::move(parts)), is_overridden, {}, padding_token_of(json)};
  if (config != nullptr) check_token_types(*config, file.pipeline.post_processor(), where);
  if (options.has_its_tokens) config = nullptr;
  file.is_changed |=
      add_tokens(added_tokens_of(json), file.padding_token, config, where, file.pipeline);
  if (config != nullptr) file.notes = made_anew_notes(document, where, *config, file.pipeline);
  return file;
}

}  // namespace

TokenizerFile read_tokenizer_json(std::string_view text, const std::string& where,
                                  const TokenizerFileOptions& options) {
  try {
    return read_file_text(text, where, options);
  } catch (const FormatError& error) {  // a model does not know what file it comes from
    const std::string_view message = error.what();
    if (message.starts_with(where)) throw;
    throw FormatError(where + ": " + std::string(message));
  }
}

TextPipeline parse_tokenizer_json(std::string_view text, const std::string& where,
                                  const TokenizerFileOptions& options) {
  return read_tokenizer_json(text, where, options).pipeline;
}

std::string replace_added_tokens(std::string_view text, const std::string& where,
                                 const std::vector<AddedToken>& tokens,
                                 const TokenizerOverrides& overrides) {
  nlohmann::json document = parse_json(text, where);
  overrides.apply(document);
  nlohmann::json& added = document["added_tokens"] = nlohmann::json::array();
  for (const AddedToken& token : tokens) added.push_back(to_json(token));
  // The keys in Hugging Face's order.
  std::string out = "{";
  for (const char* key : {"version", "truncation", "padding", "added_tokens", "normalizer",
                          "pre_tokenizer", "post_processor", "decoder", "model"}) {
    if (!document.contains(key)) continue;
    out += std::string(out == "{" ? "\n" : ",\n") + "\"" + key + "\": " + document[key].dump(1);
  }
  return out + "\n}\n";
}

}  // namespace maxsimd
