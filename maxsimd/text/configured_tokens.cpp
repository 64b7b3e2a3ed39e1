#include "maxsimd/text/configured_tokens.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/text/component_json.h"
#include "maxsimd/text/tokenizer_config.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;  // which of two tokens counts is a matter of order
namespace fs = std::filesystem;

// In the order in which they get ids.
constexpr std::array<const char*, 7> kNamedTokens = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};
constexpr const char* kExtra = "extra_special_tokens";
constexpr const char* kAdditional = "additional_special_tokens";  // its older name
constexpr const char* kOwn = "model_specific_special_tokens";

Json read_ordered_object(const fs::path& path) {
  if (read_json_object(path).empty()) return Json::object();
  return Json::parse(read_file(path));
}

bool is_named(std::string_view key) {
  return std::ranges::find(kNamedTokens, key) != kNamedTokens.end();
}

// "image_token" of a model of its own.
bool is_own_name(std::string_view key) {
  return key.ends_with("_token") && !is_named(key);
}

ConfiguredToken token_of_text(const std::string& content) {
  ConfiguredToken out;
  out.token.content = content;
  out.token.normalized = false;
  out.token.special = true;
  return out;
}

// {"content": "[MASK]", "lstrip": true, ...}
ConfiguredToken token_of_object(const Json& value, const std::string& where) {
  const nlohmann::json object(value);
  const ComponentJson fields(object, where);
  ConfiguredToken out;
  out.token.content = fields.text("content");
  out.token.single_word = fields.boolean_or("single_word", false);
  out.token.lstrip = fields.boolean_or("lstrip", false);
  out.token.rstrip = fields.boolean_or("rstrip", false);
  out.token.special = fields.boolean_or("special", false);
  out.says_normalized = fields.has("normalized");
  out.token.normalized = fields.boolean_or("normalized", !out.token.special);
  return out;
}

void make_special(ConfiguredToken& token) {
  token.token.special = true;
  if (!token.says_normalized) token.token.normalized = false;
}

ConfiguredToken token_of(const Json& value, const std::string& where) {
  return value.is_string() ? token_of_text(value.get<std::string>())
                           : token_of_object(value, where);
}

/// The arguments a tokenizer is made with, as far as they name tokens.
class Arguments {
 public:
  explicit Arguments(const fs::path& folder)
      : place_((folder / "tokenizer_config.json").string()),
        all_(read_ordered_object(folder / "tokenizer_config.json")) {
    take_older_name();
    for (const auto& [key, value] : all_.items()) {
      if (is_own_name(key) && value.is_string()) own_[key] = value;
    }
    for (const auto& [key, value] : own_.items()) all_.erase(key);
    take_extra_names();
    if (own_.empty() && all_.contains(kOwn) && all_[kOwn].is_object()) own_ = all_[kOwn];
    if (!has_decoder()) add_map(folder / "special_tokens_map.json");
  }

  const std::string& place() const { return place_; }
  bool has_decoder() const { return all_.contains("added_tokens_decoder"); }
  const Json& decoder() const { return all_["added_tokens_decoder"]; }

  /// Contents that tokens of added_tokens.json are compared with: an object of
  /// tokenizer_config.json is not yet a token then.
  std::set<std::string> contents_by_then() const {
    std::set<std::string> out;
    const auto add = [&out](const Json& value, bool takes_objects) {
      if (value.is_string()) out.insert(value.get<std::string>());
      if (takes_objects && value.is_object()) out.insert(value.value("content", ""));
    };
    for (const char* key : kNamedTokens) {
      if (all_.contains(key)) add(all_[key], of_map_.contains(key));
    }
    if (!all_.contains(kExtra) || !all_[kExtra].is_array()) return out;
    for (const Json& value : all_[kExtra]) add(value, false);
    return out;
  }

  bool has(const char* key) const { return all_.contains(key); }
  /// Null where it is not given.
  Json value(const char* key) const { return all_.value(key, Json()); }

  /// Tokens under names of a model's own, in order; a later value takes an earlier one's place.
  Json own_tokens() const {
    Json out = Json::object();
    for (const auto& [key, value] : all_.items()) {
      if (is_own_name(key) && (value.is_string() || value.is_object())) out[key] = value;
    }
    out.update(own_);
    return out;
  }

  bool says_additional() const { return all_.contains(kExtra) || !value(kAdditional).is_null(); }

 private:
  void take_older_name() {
    if (!all_.contains(kAdditional)) return;
    const Json tokens = all_[kAdditional];
    all_.erase(kAdditional);
    if (!all_.contains(kExtra)) all_[kExtra] = tokens;
  }

  void take_extra_names() {
    if (!all_.contains(kExtra) || !all_[kExtra].is_object()) return;
    own_.update(all_[kExtra]);
    all_.erase(kExtra);
  }

  void add_map(const fs::path& path) {
    const Json map = read_ordered_object(path);
    for (const auto& [key, value] : map.items()) {
      if (key == kExtra && value.is_array()) {
        Json merged = all_.value(kExtra, Json::array());
        if (!merged.is_array()) merged = Json::array();
        for (const Json& token : value) {
          if (std::ranges::find(merged, token) == merged.end()) merged.push_back(token);
        }
        all_[key] = merged;
        continue;
      }
      all_[key] = value;
      if (!value.is_object() || key == kExtra) continue;
      all_[key]["special"] = true;
      of_map_.insert(key);
    }
    take_extra_names();
  }

  std::string place_;
  Json all_;
  Json own_ = Json::object();     // under names of a model's own
  std::set<std::string> of_map_;  // objects of special_tokens_map.json
};

/// added_tokens_decoder of tokenizer_config.json: {"0": {"content": ...}}.
void read_decoder(const Arguments& arguments, ConfiguredTokens& out) {
  const std::string where = arguments.place() + ": added_tokens_decoder";
  const nlohmann::json decoder(arguments.decoder());
  const ComponentJson check(decoder, where);
  for (const auto& [id, value] : arguments.decoder().items()) {
    const bool is_number =
        !id.empty() && id.size() < 10 && id.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) check.fail("expected token ids as keys, found '" + id + "'");
    const ConfiguredToken token = token_of_object(value, std::string(where).append(".").append(id));
    out.listed[std::stoll(id)] = token;
    out.by_content[token.token.content] = token.token;
  }
}

/// added_tokens.json ({"[Q]": 30522}) of folders older than added_tokens_decoder.
void read_added_tokens(const fs::path& path, const std::set<std::string>& special,
                       ConfiguredTokens& out) {
  const Json list = read_ordered_object(path);
  const nlohmann::json unordered(list);
  const ComponentJson check(unordered, path.string());
  for (const auto& [content, id] : list.items()) {
    ConfiguredToken token;
    token.token.content = content;
    token.token.special = special.contains(content);
    token.token.normalized = !token.token.special;
    out.listed[check.token_id(content.c_str())] = token;
    out.by_content[content] = token.token;
  }
}

// Those that model and post-processor are made with: transformers 5 then takes a token "None".
bool needs_token(TokenizerFamily family, std::string_view key) {
  const bool is_unknown = key == "unk_token";
  const bool is_frame = key == "cls_token" || key == "sep_token";
  const bool is_end = key == "bos_token" || key == "eos_token";
  switch (family) {
    case TokenizerFamily::bert:
      return is_unknown || is_frame;
    case TokenizerFamily::roberta:
      return is_frame;
    case TokenizerFamily::xlm_roberta:
      return is_end;
    case TokenizerFamily::camembert:
      return is_unknown || is_end;
    default:
      return false;
  }
}

void read_named_tokens(const Arguments& arguments, TokenizerFamily family, ConfiguredTokens& out) {
  for (const char* key : kNamedTokens) {
    Json value = arguments.value(key);
    if (!arguments.has(key)) value = std::string(default_special_token(family, key));
    const bool is_open = !arguments.has(key) && value == "" && family != TokenizerFamily::gpt2;
    if (is_open && std::string_view(key) == "pad_token") out.pad_place = out.named.size();
    if (value.is_null() && needs_token(family, key)) {
      throw FormatError(arguments.place() + ": '" + key +
                        "' is null, but a tokenizer of this class needs one; name a token of the "
                        "vocabulary, or leave the field out");
    }
    if (value.is_null() || value == "") continue;
    ConfiguredToken token = token_of(value, arguments.place() + ": " + key);
    token.is_listed = true;
    const bool is_mask = std::string_view(key) == "mask_token";
    if (family == TokenizerFamily::camembert && is_mask && value.is_string()) {
      token.token.lstrip = true;
    }
    out.named.push_back(token);
  }
  const Json own = arguments.own_tokens();
  for (const auto& [key, value] : own.items()) {
    out.named.push_back(token_of(value, arguments.place() + ": " + key));
  }
  std::ranges::for_each(out.named, make_special);
}

void read_extra_tokens(const Arguments& arguments, TokenizerFamily family, ConfiguredTokens& out) {
  Json tokens = arguments.value(kExtra);
  if (!arguments.has(kExtra)) tokens = arguments.value(kAdditional);
  if (family == TokenizerFamily::camembert && !arguments.says_additional()) {
    tokens = {"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"};
  }
  if (!tokens.is_array()) return;
  for (const Json& value : tokens) {
    ConfiguredToken token = token_of(value, arguments.place() + ": " + kExtra);
    const bool is_token = value.is_string() || value.contains("__type");
    if (!is_token) make_special(token);
    out.extra.push_back(token);
  }
}

}  // namespace

std::vector<AddedToken> ConfiguredTokens::to_add(
    const std::vector<AddedToken>& of_file, bool is_made_anew,
    const std::optional<std::string>& padding_token) const {
  std::map<int64_t, ConfiguredToken> all = listed;
  std::map<std::string, AddedToken> flags = by_content;
  std::set<std::string> known;
  for (const AddedToken& token : of_file) {
    if (!is_made_anew) known.insert(token.content);
    if (has_decoder) continue;
    all[token.id] = {.token = token};
    flags[token.content] = token;
  }
  std::vector<ConfiguredToken> tokens;
  for (const auto& [id, token] : all) {
    tokens.push_back(token);
    known.insert(token.token.content);
  }
  std::vector<ConfiguredToken> special = named;
  if (padding_token && pad_place) {
    const auto place = special.begin() + static_cast<std::ptrdiff_t>(*pad_place);
    special.insert(place, token_of_text(*padding_token))->is_listed = true;
  }
  std::set<std::string> names;
  for (const ConfiguredToken& token : special) names.insert(token.token.content);
  special.insert(special.end(), extra.begin(), extra.end());
  for (ConfiguredToken& token : special) {
    if (known.contains(token.token.content)) continue;
    const auto found = flags.find(token.token.content);
    if (token.is_listed && found != flags.end()) token = {.token = found->second};
    tokens.push_back(token);
  }
  std::vector<AddedToken> out;
  for (ConfiguredToken& token : tokens) {
    if (names.contains(token.token.content)) make_special(token);
    out.push_back(token.token);
  }
  return out;
}

ConfiguredTokens read_configured_tokens(const fs::path& folder, TokenizerFamily family) {
  const Arguments arguments(folder);
  ConfiguredTokens out;
  out.has_decoder = arguments.has_decoder();
  if (out.has_decoder) {
    read_decoder(arguments, out);
  } else {
    read_added_tokens(folder / "added_tokens.json", arguments.contents_by_then(), out);
  }
  read_named_tokens(arguments, family, out);
  read_extra_tokens(arguments, family, out);
  return out;
}

}  // namespace maxsimd
