#include "maxsimd/card/checkpoint_name.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

constexpr std::string_view kStart = "checkpoint-";

}  // namespace

std::string checkpoint_name(int64_t step) {
  return std::string(kStart).append(std::to_string(step));
}

std::optional<int64_t> checkpoint_step(std::string_view name) {
  if (!name.starts_with(kStart)) return std::nullopt;
  int64_t step = 0;
  std::from_chars(name.data() + kStart.size(), name.data() + name.size(), step);
  if (step < 0 || checkpoint_name(step) != name) return std::nullopt;
  return step;
}

std::vector<std::filesystem::path> find_checkpoint_names(const std::filesystem::path& run_folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(run_folder, error)) return {};
  std::vector<std::pair<int64_t, std::filesystem::path>> found;
  std::filesystem::directory_iterator entry(run_folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto step = checkpoint_step(entry->path().filename().string());
    if (step.has_value()) found.emplace_back(*step, entry->path());
  }
  if (error) throw IoError(run_folder.string() + ": cannot be listed: " + error.message());
  std::ranges::sort(found, std::ranges::greater{}, [](const auto& one) { return one.first; });
  std::vector<std::filesystem::path> paths;
  for (auto& [step, path] : found) paths.push_back(std::move(path));
  return paths;
}

}  // namespace maxsimd
