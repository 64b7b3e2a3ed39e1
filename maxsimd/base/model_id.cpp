#include "maxsimd/base/model_id.h"

#include <algorithm>
#include <cstddef>
#include <system_error>

namespace maxsimd {
namespace {

constexpr size_t kLongestName = 96;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_part(std::string_view part) {
  if (part.empty() || !is_word(part.front()) || !is_word(part.back())) return false;
  return std::ranges::all_of(part, [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

}  // namespace

std::string problem_of_model_id(std::string_view id) {
  const size_t slash = id.find('/');
  const std::string_view name = slash == std::string_view::npos ? id : id.substr(slash + 1);
  const bool has_parts =
      is_part(name) && (slash == std::string_view::npos || is_part(id.substr(0, slash)));
  const bool doubled =
      id.find("--") != std::string_view::npos || id.find("..") != std::string_view::npos;
  if (has_parts && !doubled && name.size() <= kLongestName && !id.ends_with(".git")) return "";
  return "expected ORG/NAME or NAME (letters, digits, '-', '_' and '.'; no '-' or '.' at an end, "
         "no '--', no '..', no .git at the end, a NAME of at most 96), as my-team/my-model, got '" +
         std::string(id) + "'";
}

std::optional<HubSource> hub_source_of(const std::filesystem::path& folder) {
  constexpr std::string_view kModels = "models--";
  std::error_code ignored;
  std::filesystem::path path = std::filesystem::weakly_canonical(folder, ignored);
  if (!path.has_filename()) path = path.parent_path();  // it was written with a '/' at the end
  if (path.parent_path().filename() != "snapshots") return std::nullopt;
  const std::string name = path.parent_path().parent_path().filename().string();
  if (!name.starts_with(kModels)) return std::nullopt;
  std::string id = name.substr(kModels.size());
  if (const size_t dashes = id.find("--"); dashes != std::string::npos) {
    id[dashes] = '/';
    id.erase(dashes + 1, 1);
  }
  if (!problem_of_model_id(id).empty()) return std::nullopt;
  return HubSource{.id = id, .commit = path.filename().string()};
}

}  // namespace maxsimd
