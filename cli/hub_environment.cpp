#include "cli/hub_environment.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/progress.h"
#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/strip.h"
#include "maxsimd/hub/hub_model.h"

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
  std::string token = variable("HF_TOKEN");
  if (strip_whitespace(token).empty()) token = token_of_file(home);
  options.token = strip_whitespace(token);
  options.offline = is_on(variable("HF_HUB_OFFLINE"));
  return options;
}

fs::path pull_shown(const std::string& id, HubOptions options) {
  ProgressBar bar("pulling " + id, "bytes");
  options.progress = bar.callback();
  return pull_model(id, options);
}

}  // namespace maxsimd::cli
