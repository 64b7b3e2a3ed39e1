// JSON from outside, read with limits. Parsing is nlohmann-json's; what is added here is a depth
// limit, a size limit, optional refusal of repeated keys, and errors that name the file and place.
// Only .cpp files include the full nlohmann header.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace maxsimd {

struct JsonOptions {
  size_t max_depth = 64;               // nesting of arrays and objects
  size_t max_bytes = size_t{1} << 30;  // of the text
  bool reject_duplicate_keys = false;  // error instead of "the last one wins"
};

/// Parses one JSON value. `where` ("corpus.jsonl:12", a path) starts every message.
/// A UTF-8 BOM is skipped. Throws FormatError: malformed, too deep, too large, repeated key.
nlohmann::json parse_json(std::string_view text, const std::string& where,
                          const JsonOptions& options = {});

/// The same for readers that carry on after a bad text: fills `value`, or returns what is wrong
/// (without a place) and leaves `value` unspecified.
std::optional<std::string> try_parse_json(std::string_view text, nlohmann::json& value,
                                          const JsonOptions& options = {});

/// The members of a JSON object in the order of the text; a repeated key appears again.
using JsonMembers = std::vector<std::pair<std::string, nlohmann::json>>;

/// parse_json for a text that is mostly one flat object (the vocabulary of a tokenizer): the
/// members of the object at `path` (keys from the root) go into `members`, which is much faster
/// than building a tree of them, and the object is left empty in the result. A member that is an
/// array or object itself comes as an empty one. When there is no such object `members` is empty.
nlohmann::json parse_json_apart(std::string_view text, const std::string& where,
                                const std::vector<std::string>& path, JsonMembers& members);

/// Reads and parses a JSON file. Throws IoError, FormatError.
nlohmann::json read_json_file(const std::filesystem::path& path, const JsonOptions& options = {});

}  // namespace maxsimd
