#include "maxsimd/text/tokenizer_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "maxsimd/text/component_json.h"

namespace maxsimd {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// "[MASK]" or {"content": "[MASK]", ...}.
std::optional<std::string> content_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string()) {
    return value["content"].get<std::string>();
  }
  return std::nullopt;
}

// special_tokens_map.json wins, but beside a config of the newer kind it is not read. What neither
// names the class may; null is no token.
SpecialTokenNames read_names(const json& config, const fs::path& folder, TokenizerFamily family) {
  const bool is_newer_kind = config.contains("added_tokens_decoder");
  const json map =
      is_newer_kind ? json::object() : read_json_object(folder / "special_tokens_map.json");
  const auto name = [&](const char* key) -> std::optional<std::string> {
    for (const json* file : {&map, &config}) {
      const auto found = file->find(key);
      if (found != file->end()) return content_of(*found);
    }
    const std::string_view of_class = default_special_token(family, key);
    return of_class.empty() ? std::nullopt : std::optional<std::string>(of_class);
  };
  return {name("bos_token"),  name("unk_token"), name("cls_token"), name("sep_token"),
          name("mask_token"), name("pad_token"), name("eos_token")};
}

// null is an error there too.
bool flag(const ComponentJson& config, const char* key, bool otherwise) {
  return config.value().contains(key) ? config.boolean(key) : otherwise;
}

// transformers reads these files instead of the folder's tokenizer.json.
void check_no_other_file(const ComponentJson& config, const fs::path& folder) {
  const json versions = config.value().value("fast_tokenizer_files", json());
  if (!versions.is_null() && versions != json::array({"tokenizer.json"})) {
    config.fail(
        "'fast_tokenizer_files' names tokenizers for versions of transformers, which is not "
        "supported; copy the one that counts to tokenizer.json and remove the field");
  }
  if (!config.has("tokenizer_file")) return;
  const std::string named = config.text("tokenizer_file");
  std::error_code error;
  if (!fs::exists(named, error) || fs::equivalent(named, folder / "tokenizer.json", error)) return;
  config.fail(
      "'tokenizer_file' names a file that is there and would be read instead of tokenizer.json; "
      "copy it to tokenizer.json, or remove the field");
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
  const json inputs = config.value().value("model_input_names", json());
  out.has_token_types =
      !inputs.is_array() || std::ranges::find(inputs, json("token_type_ids")) != inputs.end();
  out.has_padding_side = config.has("padding_side");
  if (out.has_padding_side && config.text("padding_side") != "right") {
    config.fail("'padding_side' must be \"right\", is \"" + config.text("padding_side") +
                "\": texts are filled up behind their end only; write \"right\" if the model was "
                "trained so");
  }
  switch (out.tokenizer_class.family) {
    case TokenizerFamily::bert:
      out.bert.do_lower_case = flag(config, "do_lower_case", true);
      out.bert.tokenize_chinese_chars = flag(config, "tokenize_chinese_chars", true);
      if (config.has("strip_accents")) out.bert.strip_accents = config.boolean("strip_accents");
      out.overrides.bert = out.bert;
      break;
    case TokenizerFamily::roberta:
    case TokenizerFamily::gpt2:
      out.overrides.byte_level_prefix_space = flag(config, "add_prefix_space", false);
      break;
    case TokenizerFamily::xlm_roberta:
    case TokenizerFamily::camembert:
      out.overrides.metaspace_prefix_space = flag(config, "add_prefix_space", true);
      break;
    case TokenizerFamily::file:
    case TokenizerFamily::unknown:
      break;
  }
}

}  // namespace

json read_json_object(const fs::path& path) {
  if (!fs::exists(path)) return json::object();
  json value = read_json_file(path);
  ComponentJson(value, path.string());  // refuses anything but an object
  return value;
}

TokenizerConfig read_tokenizer_config(const fs::path& folder) {
  const fs::path path = folder / "tokenizer_config.json";
  const json file = read_json_object(path);
  TokenizerConfig config;
  config.tokenizer_class = read_tokenizer_class(file, folder);
  check_no_other_file(ComponentJson(file, path.string()), folder);
  read_settings(ComponentJson(file, path.string()), config);
  config.names = read_names(file, folder, config.tokenizer_class.family);
  config.tokens = read_configured_tokens(folder, config.tokenizer_class.family);
  return config;
}

}  // namespace maxsimd
