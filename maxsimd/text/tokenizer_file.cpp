#include "maxsimd/text/tokenizer_file.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/text/component_json.h"
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
    token.token_id("id");  // must be there, but as in HF the token's place decides its id
    tokens.push_back(added_token_of(token));
  }
  return tokens;
}

nlohmann::json to_json(const AddedToken& token) {
  return {{"id", token.id},          {"content", token.content}, {"single_word", token.single_word},
          {"lstrip", token.lstrip},  {"rstrip", token.rstrip},   {"normalized", token.normalized},
          {"special", token.special}};
}

TextPipeline read_pipeline(std::string_view text, const std::string& where,
                           const TokenizerFileOptions& options) {
  JsonMembers tokens;
  nlohmann::json document = parse_json_apart(text, where, {"model", "vocab"}, tokens);
  const bool is_overridden = options.overrides.apply(document);
  const ComponentJson json(document, where);
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
  parts.is_overridden = is_overridden;
  parts.lowercase_first = options.lowercase_first;
  TextPipeline pipeline(std::move(parts));
  pipeline.add_tokens(added_tokens_of(json));
  return pipeline;
}

}  // namespace

TextPipeline parse_tokenizer_json(std::string_view text, const std::string& where,
                                  const TokenizerFileOptions& options) {
  try {
    return read_pipeline(text, where, options);
  } catch (const FormatError& error) {  // a model does not know what file it comes from
    const std::string_view message = error.what();
    if (message.starts_with(where)) throw;
    throw FormatError(where + ": " + std::string(message));
  }
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
