#include "maxsimd/text/component_json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {

ComponentJson::ComponentJson(const nlohmann::json& value, std::string where)
    : value_(value), where_(std::move(where)) {
  if (!value_.is_object()) fail(std::string("expected a JSON object, got ") + value_.type_name());
}

std::string ComponentJson::type() const {
  return has("type") ? text("type") : std::string();
}

bool ComponentJson::has(const char* key) const {
  const auto found = value_.find(key);
  return found != value_.end() && !found->is_null();
}

bool ComponentJson::boolean(const char* key) const {
  const nlohmann::json& field = at(key);
  if (!field.is_boolean()) {
    fail(std::string("'") + key + "' must be true or false, is " + field.type_name());
  }
  return field.get<bool>();
}

std::string ComponentJson::text(const char* key) const {
  const nlohmann::json& field = at(key);
  if (!field.is_string()) {
    fail(std::string("'") + key + "' must be a string, is " + field.type_name());
  }
  return field.get<std::string>();
}

std::string ComponentJson::character(const char* key) const {
  std::string out = text(key);
  if (out.empty() || decode_utf8(out, 0).length != out.size()) {
    fail(std::string("'") + key + "' must be one character, is '" + out + "'");
  }
  return out;
}

size_t ComponentJson::count(const char* key) const {
  const nlohmann::json& field = at(key);
  if (!field.is_number_unsigned()) {
    fail(std::string("'") + key + "' must be a whole number of 0 or more");
  }
  return field.get<size_t>();
}

int32_t ComponentJson::token_id(const char* key) const {
  const auto id = as_token_id(at(key));
  if (!id) fail(std::string("'") + key + "' must be a token id (0 to 2147483647)");
  return *id;
}

ComponentJson ComponentJson::object(const char* key) const {
  return {at(key), where_ + "." + key};
}

std::vector<ComponentJson> ComponentJson::objects(const char* key) const {
  const nlohmann::json& field = at(key);
  if (!field.is_array()) {
    fail(std::string("'") + key + "' must be an array, is " + field.type_name());
  }
  std::vector<ComponentJson> out;
  for (size_t i = 0; i < field.size(); ++i) {
    out.emplace_back(field[i], where_ + "." + key + "[" + std::to_string(i) + "]");
  }
  return out;
}

void ComponentJson::fail(const std::string& what) const {
  throw FormatError(where_ + ": " + what);
}

void ComponentJson::fail_unsupported(const std::string& supported) const {
  const std::string name = type();
  fail((name.empty() ? "a component without 'type'" : "type '" + name + "'") +
       " is not supported; supported are " + supported);
}

const nlohmann::json& ComponentJson::at(const char* key) const {
  const auto found = value_.find(key);
  if (found == value_.end()) {
    const std::string name = type();
    fail(std::string("key '") + key + "' is missing" + (name.empty() ? "" : " in " + name));
  }
  return *found;
}

std::optional<int32_t> as_token_id(const nlohmann::json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto id = value.get<uint64_t>();
  if (id > static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) return std::nullopt;
  return static_cast<int32_t>(id);
}

}  // namespace maxsimd
