#include "maxsimd/base/json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;

// nlohmann's parser does not recurse, but a deep value costs memory and later walks of it recurse.
Problem depth_problem(std::string_view text, size_t max_depth) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) {
        return "JSON is nested deeper than " + std::to_string(max_depth) + " levels (at byte " +
               std::to_string(i) + ")";
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

// Messages quote the text, and a key or a string may be as long as the file: start and end are
// kept.
std::string shortened(const std::string& message) {
  constexpr size_t kStart = 240;
  constexpr size_t kEnd = 120;
  if (message.size() <= kStart + kEnd) return message;
  const auto inside_character = [&](size_t i) {
    return (static_cast<unsigned char>(message[i]) & 0xC0U) == 0x80U;
  };
  size_t start = kStart;
  while (start > 0 && inside_character(start)) --start;
  size_t end = message.size() - kEnd;
  while (end < message.size() && inside_character(end)) ++end;
  return message.substr(0, start) + " ... " + message.substr(end);
}

// Notes the first key that is used a second time within one object.
class DuplicateKeyGuard {
 public:
  void see(nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      keys_.emplace_back();
    } else if (event == Event::object_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second && !problem_) {
        problem_ = shortened("key '" + key + "' appears twice in one JSON object");
      }
    }
  }

  const Problem& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> keys_;
  Problem problem_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." -> from "parse error" on.
std::string readable(const std::string& message) {
  const size_t bracket = message.find("] ");
  return shortened(bracket == std::string::npos ? message : message.substr(bracket + 2));
}

}  // namespace

std::optional<std::string> try_parse_json(std::string_view text, nlohmann::json& value,
                                          const JsonOptions& options) {
  if (text.size() > options.max_bytes) {
    return "JSON of " + std::to_string(text.size()) + " bytes, the limit is " +
           std::to_string(options.max_bytes);
  }
  // nlohmann's lexer takes a NUL byte for the end of the text and would ignore what follows.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return "not valid JSON: a NUL byte at byte " + std::to_string(nul);
  }
  if (Problem problem = depth_problem(text, options.max_depth)) return problem;
  try {
    if (!options.reject_duplicate_keys) {
      value = nlohmann::json::parse(text);
      return std::nullopt;
    }
    DuplicateKeyGuard guard;
    value = nlohmann::json::parse(
        text, [&guard](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
          guard.see(event, parsed);
          return true;
        });
    return guard.problem();
  } catch (const nlohmann::json::exception& error) {
    return "not valid JSON: " + readable(error.what());
  }
}

nlohmann::json parse_json(std::string_view text, const std::string& where,
                          const JsonOptions& options) {
  nlohmann::json value;
  if (const Problem problem = try_parse_json(text, value, options)) {
    throw FormatError(where + ": " + *problem);
  }
  return value;
}

nlohmann::json read_json_file(const std::filesystem::path& path, const JsonOptions& options) {
  const MappedFile file = MappedFile::open(path);
  std::string_view text = file.text();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return parse_json(text, path.string(), options);
}

}  // namespace maxsimd
