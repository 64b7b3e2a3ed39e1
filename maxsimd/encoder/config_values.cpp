#include "maxsimd/encoder/config_values.h"

#include <nlohmann/json.hpp>

namespace maxsimd {

size_t count_or_fail(const ConfigReader& config, const std::string& key, size_t limit) {
  const std::optional<size_t> count = config.count(key);
  if (!count || *count > limit) {
    config.fail(key, "a whole number from 1 to " + std::to_string(limit));
  }
  return *count;
}

void expect_one_of(const ConfigReader& config, const std::string& key,
                   std::initializer_list<const char*> supported) {
  const std::optional<std::string> value = config.text(key);
  if (!value) return;
  std::string names;
  for (const char* name : supported) {
    if (*value == name) return;
    names.append(names.empty() ? "\"" : " or \"").append(name).append("\"");
  }
  config.fail(key, names.append(" (nothing else is supported)"));
}

void expect_both_ways(const ConfigReader& config, const char* key) {
  if (!config.flag(key).value_or(false)) return;
  config.fail(key, "false: attention to the tokens on the left only is not supported");
}

float epsilon_or(const ConfigReader& config, const std::string& key, double otherwise) {
  const double eps = config.number(key).value_or(otherwise);
  if (!(eps >= 0.0 && eps <= 1.0)) config.fail(key, "a number from 0 to 1");
  return static_cast<float>(eps);
}

std::optional<size_t> pad_token_id_or(const ConfigReader& config, size_t vocab_size,
                                      std::optional<size_t> otherwise) {
  const auto found = config.json().find("pad_token_id");
  if (found == config.json().end()) return otherwise;
  if (found->is_null()) return std::nullopt;
  if (!found->is_number_unsigned() || found->get<uint64_t>() >= vocab_size) {
    config.fail("pad_token_id", "a whole number below vocab_size, " + std::to_string(vocab_size));
  }
  return found->get<size_t>();
}

}  // namespace maxsimd
