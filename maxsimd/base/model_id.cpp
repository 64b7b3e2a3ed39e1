#include "maxsimd/base/model_id.h"

#include <algorithm>
#include <cstddef>

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

}  // namespace maxsimd
