#include "maxsimd/base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/base/utf8.h"

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

// Keeps the members of the object at a path out of the tree.
class MembersApart {
 public:
  MembersApart(const std::vector<std::string>& path, JsonMembers& members)
      : path_(path), members_(members) {}

  // Whether the tree keeps what was seen. `depth` is the number of open arrays and objects; the
  // parser asks for a member's key only, its value goes with it.
  bool see(size_t depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::key) return see_key(depth, parsed);
    if (key_) {  // this is its value, or the start of it
      if (event == Event::object_start) take_member(nlohmann::json::object());
      if (event == Event::array_start) take_member(nlohmann::json::array());
      if (event == Event::value) take_member(std::move(parsed));
    }
    return true;
  }

 private:
  bool see_key(size_t depth, nlohmann::json& parsed) {
    auto& key = parsed.get_ref<std::string&>();
    if (depth <= path_.size()) {
      matched_ = std::min(matched_, depth - 1);
      if (matched_ == depth - 1 && key == path_[matched_]) {
        ++matched_;
        members_.clear();  // of a key given twice the last counts
      }
      return true;
    }
    const bool is_member = depth == path_.size() + 1 && matched_ == path_.size();
    if (is_member) key_ = std::move(key);
    return !is_member;
  }

  void take_member(nlohmann::json value) {
    members_.emplace_back(std::move(*key_), std::move(value));
    key_.reset();
  }

  const std::vector<std::string>& path_;
  JsonMembers& members_;
  size_t matched_ = 0;              // keys of the path that lead here
  std::optional<std::string> key_;  // of a member whose value comes next
};

// Where the text is not UTF-8, a message that quotes it would not be either.
std::string valid_utf8(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, i);
    append_utf8(out, decoded.code_point);
    i += decoded.length;
  }
  return out;
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." -> from "parse error" on.
std::string readable(const std::string& message) {
  const size_t bracket = message.find("] ");
  const std::string_view text = message;
  return shortened(valid_utf8(bracket == std::string::npos ? text : text.substr(bracket + 2)));
}

Problem limits_problem(std::string_view text, const JsonOptions& options) {
  if (text.size() > options.max_bytes) {
    return "JSON of " + std::to_string(text.size()) + " bytes, the limit is " +
           std::to_string(options.max_bytes);
  }
  // nlohmann's lexer takes a NUL byte for the end of the text and would ignore what follows.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return "not valid JSON: a NUL byte at byte " + std::to_string(nul);
  }
  return depth_problem(text, options.max_depth);
}

Problem try_parse(std::string_view text, nlohmann::json& value, const JsonOptions& options,
                  const nlohmann::json::parser_callback_t& see) {
  if (Problem problem = limits_problem(text, options)) return problem;
  try {
    value = nlohmann::json::parse(text, see);
    return std::nullopt;
  } catch (const nlohmann::json::exception& error) {
    return "not valid JSON: " + readable(error.what());
  }
}

}  // namespace

std::optional<std::string> try_parse_json(std::string_view text, nlohmann::json& value,
                                          const JsonOptions& options) {
  if (!options.reject_duplicate_keys) return try_parse(text, value, options, nullptr);
  DuplicateKeyGuard guard;
  const Problem problem =
      try_parse(text, value, options,
                [&guard](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
                  guard.see(event, parsed);
                  return true;
                });
  return problem ? problem : guard.problem();
}

nlohmann::json parse_json(std::string_view text, const std::string& where,
                          const JsonOptions& options) {
  nlohmann::json value;
  if (const Problem problem = try_parse_json(text, value, options)) {
    throw FormatError(where + ": " + *problem);
  }
  return value;
}

nlohmann::json parse_json_apart(std::string_view text, const std::string& where,
                                const std::vector<std::string>& path, JsonMembers& members) {
  members.clear();
  MembersApart apart(path, members);
  nlohmann::json value;
  const Problem problem =
      try_parse(text, value, {},
                [&apart](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
                  return apart.see(static_cast<size_t>(depth), event, parsed);
                });
  if (problem) throw FormatError(where + ": " + *problem);
  return value;
}

nlohmann::json read_json_file(const std::filesystem::path& path, const JsonOptions& options) {
  return parse_json(MappedFile::open(path).text(), path.string(), options);
}

}  // namespace maxsimd
