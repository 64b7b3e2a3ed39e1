#include "cli/hub_environment.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "maxsimd/base/atomic_file.h"

namespace maxsimd::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path home_folder() {
  if (const std::string home = variable("HF_HOME"); !home.empty()) return home;
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    return fs::path(cache) / "huggingface";
  }
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "huggingface";
}

fs::path cache_folder(const fs::path& home) {
  if (const std::string cache = variable("HF_HUB_CACHE"); !cache.empty()) return cache;
  return home.empty() ? home : home / "hub";
}

std::string token_of_file(const fs::path& home) {
  const std::string given = variable("HF_TOKEN_PATH");
  const fs::path path = given.empty() ? home / "token" : fs::path(given);
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) ? read_file(path) : "";
}

std::string stripped(std::string text) {
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), is_space).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_space));
  return text;
}

// As huggingface_hub reads its switches.
bool is_on(std::string value) {
  std::ranges::transform(value, value.begin(), [](unsigned char c) { return std::toupper(c); });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

}  // namespace

HubOptions hub_options_of_environment() {
  const fs::path home = home_folder();
  HubOptions options{.cache = cache_folder(home)};
  if (const std::string endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) {
    options.endpoint = endpoint;
  }
  options.token = stripped(variable("HF_TOKEN"));
  if (options.token.empty()) options.token = stripped(token_of_file(home));
  options.offline = is_on(variable("HF_HUB_OFFLINE"));
  return options;
}

}  // namespace maxsimd::cli
