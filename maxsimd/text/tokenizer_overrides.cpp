// TokenizerOverrides (declared in tokenizer_config.h).
#include <nlohmann/json.hpp>

#include "maxsimd/text/tokenizer_config.h"

namespace maxsimd {
namespace {

using nlohmann::json;

/// Sets a field; returns whether that changed it.
bool change(json& object, const char* key, const json& value) {
  const auto found = object.find(key);
  if (found != object.end() ? *found == value : value.is_null()) return false;
  object[key] = value;
  return true;
}

bool is_type(const json& component, const char* type) {
  return component.is_object() && component.value("type", json()) == type;
}

bool apply_bert(json& normalizer, const BertTokenizerSettings& settings) {
  if (!is_type(normalizer, "BertNormalizer")) return false;
  const json accents = settings.strip_accents ? json(*settings.strip_accents) : json(nullptr);
  bool is_changed = change(normalizer, "lowercase", settings.do_lower_case);
  is_changed |= change(normalizer, "handle_chinese_chars", settings.tokenize_chinese_chars);
  return change(normalizer, "strip_accents", accents) || is_changed;
}

bool apply_to_metaspace(json& pre_tokenizer, bool add_prefix_space) {
  if (is_type(pre_tokenizer, "Metaspace")) {
    const char* scheme = add_prefix_space ? "always" : "never";
    if (pre_tokenizer.value("prepend_scheme", json("always")) == scheme) return false;
    pre_tokenizer.erase("add_prefix_space");  // of older files
    return change(pre_tokenizer, "prepend_scheme", scheme);
  }
  const auto steps = pre_tokenizer.find("pretokenizers");
  if (!is_type(pre_tokenizer, "Sequence") || steps == pre_tokenizer.end()) return false;
  bool is_changed = false;
  for (json& step : *steps) {
    if (is_type(step, "Metaspace")) is_changed |= apply_to_metaspace(step, add_prefix_space);
  }
  return is_changed;
}

}  // namespace

bool TokenizerOverrides::apply(json& document) const {
  if (!document.is_object()) return false;
  bool is_changed = false;
  if (bert && document.contains("normalizer")) {
    is_changed |= apply_bert(document["normalizer"], *bert);
  }
  if (document.contains("pre_tokenizer")) {
    json& pre_tokenizer = document["pre_tokenizer"];
    if (byte_level_prefix_space && is_type(pre_tokenizer, "ByteLevel")) {
      is_changed |= change(pre_tokenizer, "add_prefix_space", *byte_level_prefix_space);
    }
    if (metaspace_prefix_space) {
      is_changed |= apply_to_metaspace(pre_tokenizer, *metaspace_prefix_space);
    }
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

}  // namespace maxsimd
