#include "maxsimd/data/triplets.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/data/fields.h"
#include "maxsimd/data/json_scanner.h"

namespace maxsimd {
namespace {

[[noreturn]] void fail(const LineReader& lines, const std::string& problem) {
  throw FormatError(lines.where() + ": " + problem);
}

// Reads a text into an empty place; `key` records which name filled it.
void read_role(const JsonMember& member, std::string& key, std::string& out,
               const LineReader& lines) {
  if (!key.empty()) {
    fail(lines, "both \"" + key + "\" and \"" + member.key + "\"; expected one of them");
  }
  if (member.kind != JsonKind::string) fail(lines, "\"" + member.key + "\" is not a string");
  key = member.key;
  append_json_string(out, member.raw);
}

void read_negatives(const JsonMember& member, Triplet& triplet, const LineReader& lines) {
  if (member.kind == JsonKind::string) {
    append_json_string(triplet.negatives.emplace_back(), member.raw);
    return;
  }
  if (member.kind != JsonKind::array) {
    fail(lines, "\"" + member.key + "\" is neither a string nor a list of strings");
  }
  std::string raw(member.raw);
  repair_lone_surrogates(raw);
  for (const nlohmann::json& text : parse_json(raw, lines.where())) {
    if (!text.is_string()) fail(lines, "\"" + member.key + "\" holds something but strings");
    triplet.negatives.push_back(text.get<std::string>());
  }
}

void parse_json_triplet(std::string_view line, Triplet& triplet, const LineReader& lines) {
  std::string query_key;
  std::string positive_key;
  JsonObjectScanner scanner(line);
  JsonMember member;
  while (scanner.next(member)) {
    if (member.key == "question" || member.key == "query" || member.key == "anchor") {
      read_role(member, query_key, triplet.query, lines);
    } else if (member.key == "answer" || member.key == "positive") {
      read_role(member, positive_key, triplet.positive, lines);
    } else if (member.key.starts_with("negative")) {
      read_negatives(member, triplet, lines);
    }
  }
  if (!scanner.error().empty()) fail(lines, scanner.error());
  if (query_key.empty()) fail(lines, R"(none of "question", "query", "anchor")");
  if (positive_key.empty()) fail(lines, R"(neither "answer" nor "positive")");
}

void parse_tsv_triplet(std::string_view line, Triplet& triplet, const LineReader& lines) {
  std::vector<std::string_view> fields;
  split_tab_fields(line, fields);
  if (fields.size() < 2) fail(lines, "no TAB; expected query TAB positive TAB negative");
  triplet.query = fields[0];
  triplet.positive = fields[1];
  triplet.negatives.assign(fields.begin() + 2, fields.end());
}

bool is_header(std::string_view line) {
  return line == "query\tpositive\tnegative" || line == "anchor\tpositive\tnegative";
}

}  // namespace

uint64_t read_triplets(const std::filesystem::path& path, const TripletOptions& options,
                       const TripletCallback& callback) {
  const std::optional<RecordFormat> format = record_format_by_name(path);
  if (!format) {
    throw std::invalid_argument(path.string() +
                                ": cannot tell the format; expected triplets in .jsonl or .tsv");
  }
  LineReader lines(path);
  return read_triplets(lines, *format, options, callback);
}

uint64_t read_triplets(LineReader& lines, RecordFormat format, const TripletOptions& options,
                       const TripletCallback& callback) {
  uint64_t count = 0;
  while (const std::optional<std::string_view> line = lines.next_nonblank()) {
    if (const auto problem = lines.utf8_problem(*line)) fail(lines, *problem);
    Triplet triplet;
    if (format == RecordFormat::json_lines) {
      parse_json_triplet(*line, triplet, lines);
    } else {
      if (lines.line_number() == 1 && is_header(*line)) continue;
      parse_tsv_triplet(*line, triplet, lines);
    }
    if (triplet.negatives.size() < options.min_negatives) {
      fail(lines, std::to_string(triplet.negatives.size()) + " negatives; expected at least " +
                      std::to_string(options.min_negatives));
    }
    callback(triplet);
    ++count;
  }
  return count;
}

}  // namespace maxsimd
