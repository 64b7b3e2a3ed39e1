#include "maxsimd/data/record.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "maxsimd/base/json.h"
#include "maxsimd/base/strip.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;

// For messages, which are C strings further on.
std::string shown_id(std::string id) {
  for (size_t at = id.find('\0'); at != std::string::npos; at = id.find('\0', at)) {
    id.replace(at, 1, "\\u0000");
  }
  return id;
}

Problem check_id(const std::string& id) {
  if (id.empty()) return "the id is empty; expected 1 to 512 bytes";
  if (id.size() > kMaxIdBytes) {
    return "the id has " + std::to_string(id.size()) + " bytes; expected 1 to " +
           std::to_string(kMaxIdBytes);
  }
  if (id.find('\0') != std::string::npos) {
    return "the id '" + shown_id(id) +
           "' holds the character U+0000, which no list of ids can hold";
  }
  return std::nullopt;
}

// "the number 7.5", "a JSON null": a value that is not what a key should hold.
std::string described(const nlohmann::json& value) {
  if (value.is_number()) return "the number " + value.dump();
  return std::string("a JSON ") + value.type_name();
}

Problem take_id(nlohmann::json& value, const RecordOptions& options, Record& record) {
  if (value.is_string()) {
    record.id = std::move(value.get_ref<std::string&>());
    return check_id(record.id);
  }
  // 7.0 and 7e0 would be other texts for the same number, and beyond 64 bits digits are lost.
  if (!value.is_number_integer()) {
    return "\"_id\" is " + described(value) +
           "; expected a string or an integer of at most 64 bits (write it in quotes)";
  }
  if (options.integer_ids == IntegerIds::refuse) {
    return "\"_id\" is " + described(value) + "; expected a string (write it in quotes)";
  }
  record.id = value.dump();
  record.id_is_integer = true;
  return std::nullopt;
}

Problem take_text(const char* key, nlohmann::json& value, std::string& out) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_string()) {
    return "\"" + std::string(key) + "\" is " + described(value) + "; expected a string";
  }
  out = std::move(value.get_ref<std::string&>());
  return std::nullopt;
}

Problem take_metadata(const nlohmann::json& value, Record& record) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_object()) return "\"metadata\" is " + described(value) + "; expected an object";
  record.metadata = value.dump();
  return std::nullopt;
}

std::string missing_key(const char* key, const nlohmann::json& line) {
  constexpr size_t kEnoughForAMessage = 100;
  std::string others;
  for (const auto& [other, value] : line.items()) {
    if (other == "_id" || other == "title" || other == "text" || other == "metadata") continue;
    if (others.size() + other.size() > kEnoughForAMessage) break;
    others.append(" ").append(nlohmann::json(other).dump());
  }
  return std::string("\"") + key + "\" is missing" +
         (others.empty() ? "" : " (other keys:" + others + ")") +
         "; expected {\"_id\": ..., \"title\": ..., \"text\": ...}";
}

}  // namespace

std::optional<std::string> parse_json_record(std::string_view line, const RecordOptions& options,
                                             Record& record) {
  record = {};
  nlohmann::json object;
  // How long a line may be is the reader's business.
  const JsonOptions limits{.max_bytes = line.size(), .reject_duplicate_keys = true};
  if (Problem problem = try_parse_json(line, object, limits)) return problem;
  if (!object.is_object()) return described(object) + "; expected one JSON object a line";
  const auto id = object.find("_id");
  if (id == object.end()) return missing_key("_id", object);
  if (Problem problem = take_id(*id, options, record)) return problem;
  const auto text = object.find("text");
  if (text == object.end()) return missing_key("text", object);
  if (Problem problem = take_text("text", *text, record.text)) return problem;
  if (const auto title = object.find("title"); title != object.end()) {
    if (Problem problem = take_text("title", *title, record.title)) return problem;
  }
  const auto metadata = object.find("metadata");
  return metadata == object.end() ? std::nullopt : take_metadata(*metadata, record);
}

std::optional<std::string> parse_tsv_record(std::string_view line, const RecordOptions& options,
                                            Record& record) {
  const size_t first = line.find('\t');
  if (first == std::string_view::npos) return "no TAB; expected id TAB text";
  const std::string_view rest = line.substr(first + 1);
  const size_t second = options.tsv_titles ? rest.find('\t') : std::string_view::npos;
  record.id = line.substr(0, first);
  record.id_is_integer = false;
  record.text = rest.substr(0, second);
  record.title.clear();
  record.metadata.clear();
  if (second != std::string_view::npos) {
    const std::string_view title = rest.substr(second + 1);
    if (title.find('\t') != std::string_view::npos) {
      return "more than three columns; expected id TAB text TAB title (for texts with TABs "
             "use JSON lines)";
    }
    record.title = title;
  }
  return check_id(record.id);
}

std::string document_text(Record&& record) {
  if (!strip_whitespace(record.title).empty()) return document_text(std::as_const(record));
  const std::string_view stripped = strip_whitespace(record.text);
  if (stripped.size() == record.text.size()) return std::move(record.text);
  return std::string(stripped);
}

std::string document_text(const Record& record) {
  const std::string joined = record.title + " " + record.text;
  return std::string(strip_whitespace(joined));
}

}  // namespace maxsimd
