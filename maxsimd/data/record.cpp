#include "maxsimd/data/record.h"

#include <utility>

#include "maxsimd/base/strip.h"
#include "maxsimd/data/json_scanner.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;

Problem check_id(const std::string& id) {
  if (id.empty()) return "the id is empty; expected 1 to 512 bytes";
  if (id.size() > kMaxIdBytes) {
    return "the id has " + std::to_string(id.size()) + " bytes; expected 1 to " +
           std::to_string(kMaxIdBytes);
  }
  return std::nullopt;
}

const char* kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::string:
      return "a string";
    case JsonKind::number:
      return "a number";
    case JsonKind::boolean:
      return "true or false";
    case JsonKind::null:
      return "null";
    case JsonKind::object:
      return "an object";
    case JsonKind::array:
      return "an array";
  }
  return "something else";
}

// Digits and a sign only: 7.0 and 7e0 would be other texts for the same number.
bool is_integer_text(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

Problem read_id(const JsonMember& member, const RecordOptions& options, Record& record) {
  if (member.kind == JsonKind::string) {
    if (has_lone_surrogate(member.raw)) return "\"_id\" holds half a surrogate pair (\\ud800 ...)";
    append_json_string(record.id, member.raw);
    return std::nullopt;
  }
  if (member.kind != JsonKind::number || !is_integer_text(member.raw)) {
    return std::string("\"_id\" is ") + kind_name(member.kind) +
           "; expected a string or an integer";
  }
  if (options.integer_ids == IntegerIds::refuse) {
    return "\"_id\" is the number " + std::string(member.raw) + "; expected a string";
  }
  record.id = member.raw;
  record.id_is_integer = true;
  return std::nullopt;
}

Problem read_text(const JsonMember& member, std::string& out) {
  if (member.kind == JsonKind::null) return std::nullopt;
  if (member.kind != JsonKind::string) {
    return "\"" + member.key + "\" is " + kind_name(member.kind) + "; expected a string";
  }
  append_json_string(out, member.raw);
  return std::nullopt;
}

Problem read_metadata(const JsonMember& member, Record& record) {
  if (member.kind == JsonKind::null) return std::nullopt;
  if (member.kind != JsonKind::object) {
    return std::string("\"metadata\" is ") + kind_name(member.kind) + "; expected an object";
  }
  record.metadata = member.raw;
  repair_lone_surrogates(record.metadata);
  return std::nullopt;
}

// Which known keys a line has shown; `others` for the message when one is missing.
struct SeenKeys {
  bool id = false;
  bool title = false;
  bool text = false;
  bool metadata = false;
  std::string others;
};

Problem read_member(const JsonMember& member, const RecordOptions& options, Record& record,
                    SeenKeys& seen) {
  const auto once = [&member](bool& flag) -> Problem {
    if (flag) return "\"" + member.key + "\" appears twice";
    flag = true;
    return std::nullopt;
  };
  if (member.key == "_id") {
    if (Problem problem = once(seen.id)) return problem;
    return read_id(member, options, record);
  }
  if (member.key == "title") {
    if (Problem problem = once(seen.title)) return problem;
    return read_text(member, record.title);
  }
  if (member.key == "text") {
    if (Problem problem = once(seen.text)) return problem;
    return read_text(member, record.text);
  }
  if (member.key == "metadata") {
    if (Problem problem = once(seen.metadata)) return problem;
    return read_metadata(member, record);
  }
  constexpr size_t kEnoughForAMessage = 100;
  if (seen.others.size() < kEnoughForAMessage) seen.others += " \"" + member.key + "\"";
  return std::nullopt;
}

std::string missing_key(const char* key, const SeenKeys& seen) {
  return std::string("\"") + key + "\" is missing" +
         (seen.others.empty() ? "" : " (other keys:" + seen.others + ")") +
         "; expected {\"_id\": ..., \"title\": ..., \"text\": ...}";
}

}  // namespace

std::optional<std::string> parse_json_record(std::string_view line, const RecordOptions& options,
                                             Record& record) {
  record.id.clear();
  record.id_is_integer = false;
  record.title.clear();
  record.text.clear();
  record.metadata.clear();
  SeenKeys seen;
  JsonObjectScanner scanner(line);
  JsonMember member;
  while (scanner.next(member)) {
    if (Problem problem = read_member(member, options, record, seen)) return problem;
  }
  if (!scanner.error().empty()) return scanner.error();
  if (!seen.id) return missing_key("_id", seen);
  if (!seen.text) return missing_key("text", seen);
  return check_id(record.id);
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
      return "more than three columns; expected id TAB text TAB title (for texts with TABs switch "
             "titles off or use JSON lines)";
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
