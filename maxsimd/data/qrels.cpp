#include "maxsimd/data/qrels.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/fields.h"

namespace maxsimd {
namespace {

using Fields = std::vector<std::string_view>;

constexpr const char* kExpected =
    "; expected TREC (query-id 0 document-id grade) or BEIR (query-id TAB corpus-id TAB score)";

bool is_header(const Fields& fields) {
  return fields.size() == 3 && fields[0] == "query-id" && fields[1] == "corpus-id" &&
         fields[2] == "score";
}

[[noreturn]] void fail(const LineReader& lines, const std::string& problem) {
  throw FormatError(lines.where() + ": " + problem);
}

int32_t parse_grade(std::string_view text, const LineReader& lines) {
  int32_t grade = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), grade);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(lines, "the grade is '" + std::string(text) + "'; expected an integer");
  }
  return grade;
}

void add(Qrels& qrels, std::string_view query, std::string_view document, int32_t grade,
         const LineReader& lines) {
  if (query.empty() || document.empty()) fail(lines, "an empty id");
  const auto [place, is_new] = qrels[std::string(query)].try_emplace(std::string(document), grade);
  if (!is_new && place->second != grade) {
    fail(lines, "query '" + std::string(query) + "' and document '" + std::string(document) +
                    "' were judged " + std::to_string(place->second) + " before and " +
                    std::to_string(grade) + " here; expected one grade");
  }
}

std::string json_id(const nlohmann::json& value, const LineReader& lines) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  fail(lines, "an id that is neither a text nor an integer");
}

const nlohmann::json& json_member(const nlohmann::json& line, const char* name,
                                  const LineReader& lines) {
  const auto member = line.find(name);
  if (member == line.end()) {
    fail(lines, std::string("no \"").append(name) +
                    "\"; expected {\"query-id\": ID, \"corpus-id\": ID or [ID, ...]}");
  }
  return *member;
}

// 1 where there is none.
int32_t json_grade(const nlohmann::json& line, const LineReader& lines) {
  const auto score = line.find("score");
  if (score == line.end()) return 1;
  if (!score->is_number_integer()) fail(lines, "the grade is no integer");
  return parse_grade(score->dump(), lines);
}

void add_json_line(Qrels& qrels, std::string_view text, const LineReader& lines) {
  const nlohmann::json line =
      parse_json(text, lines.where(), {.max_bytes = text.size(), .reject_duplicate_keys = true});
  if (!line.is_object()) fail(lines, "expected one JSON object a line");
  const std::string query = json_id(json_member(line, "query-id", lines), lines);
  const int32_t grade = json_grade(line, lines);
  const nlohmann::json& documents = json_member(line, "corpus-id", lines);
  if (!documents.is_array()) {
    return add(qrels, query, json_id(documents, lines), grade, lines);
  }
  for (const nlohmann::json& id : documents) add(qrels, query, json_id(id, lines), grade, lines);
}

}  // namespace

Qrels read_qrels(const std::filesystem::path& path) {
  LineReader lines(path);
  const bool is_json = record_format_by_name(path) == RecordFormat::json_lines;
  return is_json ? read_qrels_json_lines(lines) : read_qrels(lines);
}

Qrels read_qrels(LineReader& lines) {
  Qrels qrels;
  Fields fields;
  size_t columns = 0;  // of this file, once known
  while (const std::optional<std::string_view> line = lines.next_nonblank()) {
    if (const auto problem = lines.utf8_problem(*line)) fail(lines, *problem);
    split_tab_fields(*line, fields);
    if (columns == 0 && is_header(fields)) {
      columns = 3;
      continue;
    }
    if (columns == 4 || (columns == 0 && fields.size() != 3)) split_trec_fields(*line, fields);
    if (columns == 0) columns = fields.size() == 3 && line->find('\t') != line->npos ? 3 : 4;
    if (fields.size() != columns) {
      fail(lines, std::to_string(fields.size()) + " columns" + kExpected);
    }
    const std::string_view document = fields[columns - 2];
    add(qrels, fields[0], document, parse_grade(fields[columns - 1], lines), lines);
  }
  return qrels;
}

Qrels read_qrels_json_lines(LineReader& lines) {
  Qrels qrels;
  while (const std::optional<std::string_view> line = lines.next_nonblank()) {
    if (const auto problem = lines.utf8_problem(*line)) fail(lines, *problem);
    add_json_line(qrels, *line, lines);
  }
  return qrels;
}

}  // namespace maxsimd
