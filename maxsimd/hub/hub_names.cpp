#include "maxsimd/hub/hub_names.h"

#include <algorithm>
#include <cstddef>

#include "maxsimd/base/model_id.h"

namespace maxsimd {
namespace {

constexpr size_t kLongestPath = 1024;
constexpr size_t kMostParts = 8;
constexpr size_t kLongestComponent = 255;  // that file systems take
constexpr size_t kLongestRevision = 255;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_component(std::string_view part) {
  if (part.empty() || part.size() > kLongestComponent || part == "." || part == "..") return false;
  return std::ranges::none_of(
      part, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\'; });
}

}  // namespace

bool is_hub_id(std::string_view text) {
  return text.find('/') != std::string_view::npos && problem_of_model_id(text).empty();
}

bool is_inner_path(std::string_view name) {
  if (name.size() > kLongestPath) return false;
  size_t parts = 0;
  while (true) {
    const size_t slash = name.find('/');
    if (!is_component(name.substr(0, slash)) || ++parts > kMostParts) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_revision(std::string_view text) {
  return text.size() <= kLongestRevision && is_inner_path(text);
}

bool is_hex(std::string_view text, size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_commit(std::string_view text) {
  return is_hex(text, 40);
}

std::string url_escaped(std::string_view text, bool keep_slashes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos ||
        (c == '/' && keep_slashes)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace maxsimd
