#include "cli/hub_environment.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <regex>
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

// huggingface_hub takes the shell's signs in its variables, which come from files of settings, too:
// a leading ~, $NAME and ${NAME}. Unknown names stay as they are.
fs::path expanded(std::string text) {
  const std::string home = variable("HOME");
  if (!home.empty() && (text == "~" || text.starts_with("~/"))) text.replace(0, 1, home);
  static const std::regex name(R"(\$(\w+|\{[^}]*\}))");
  std::string out;
  auto rest = text.cbegin();
  for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match) {
    std::string key = (*match)[1];
    if (key.starts_with('{')) key = key.substr(1, key.size() - 2);
    const bool is_set = std::getenv(key.c_str()) != nullptr;
    out.append(rest, (*match)[0].first).append(is_set ? variable(key.c_str()) : match->str());
    rest = (*match)[0].second;
  }
  return out.append(rest, text.cend());
}

fs::path home_folder() {
  if (const std::string home = variable("HF_HOME"); !home.empty()) return expanded(home);
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    return expanded(cache) / "huggingface";
  }
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "huggingface";
}

fs::path cache_folder(const fs::path& home) {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string cache = variable(name); !cache.empty()) return expanded(cache);
  }
  return home.empty() ? home : home / "hub";
}

std::string token_of_file(const fs::path& home) {
  const std::string given = variable("HF_TOKEN_PATH");
  const fs::path path = given.empty() ? home / "token" : expanded(given);
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
  if (strip_whitespace(token).empty()) token = variable("HUGGING_FACE_HUB_TOKEN");
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
