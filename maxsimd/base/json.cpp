#include "maxsimd/base/json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"

namespace maxsimd {
namespace {

// nlohmann's parser does not recurse, but a deep value costs memory and later walks of it recurse.
void check_depth(std::string_view text, const std::string& where, size_t max_depth) {
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
        throw FormatError(where + ": JSON is nested deeper than " + std::to_string(max_depth) +
                          " levels (at byte " + std::to_string(i) + ")");
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

// Throws at the second use of a key within one object.
class DuplicateKeyGuard {
 public:
  explicit DuplicateKeyGuard(std::string where) : where_(std::move(where)) {}

  bool operator()(int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      keys_.emplace_back();
    } else if (event == Event::object_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) {
        throw FormatError(where_ + ": key '" + key + "' appears twice in one JSON object");
      }
    }
    return true;
  }

 private:
  std::string where_;
  std::vector<std::set<std::string>> keys_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." -> from "parse error" on.
std::string readable(const std::string& message) {
  const size_t bracket = message.find("] ");
  return bracket == std::string::npos ? message : message.substr(bracket + 2);
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where,
                          const JsonOptions& options) {
  if (text.size() > options.max_bytes) {
    throw FormatError(where + ": JSON of " + std::to_string(text.size()) + " bytes, the limit is " +
                      std::to_string(options.max_bytes));
  }
  // nlohmann's lexer takes a NUL byte for the end of the text and would ignore what follows.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    throw FormatError(where + ": not valid JSON: a NUL byte at byte " + std::to_string(nul));
  }
  check_depth(text, where, options.max_depth);
  try {
    if (!options.reject_duplicate_keys) return nlohmann::json::parse(text);
    return nlohmann::json::parse(text, DuplicateKeyGuard(where));
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(where + ": not valid JSON: " + readable(error.what()));
  }
}

nlohmann::json read_json_file(const std::filesystem::path& path, const JsonOptions& options) {
  const MappedFile file = MappedFile::open(path);
  std::string_view text = file.text();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return parse_json(text, path.string(), options);
}

}  // namespace maxsimd
