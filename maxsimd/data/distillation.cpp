#include "maxsimd/data/distillation.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/data/documents.h"

namespace maxsimd {
namespace {

constexpr const char* kExpected =
    "; expected {\"query\": TEXT, \"documents\": [TEXT, ...], \"scores\": [NUMBER, ...]}";

[[noreturn]] void fail(const LineReader& lines, const std::string& problem) {
  throw FormatError(lines.where() + ": " + problem + kExpected);
}

std::string take_query(nlohmann::json& line, const LineReader& lines) {
  nlohmann::json* found = nullptr;
  for (const char* name : {"query", "question", "anchor"}) {
    const auto member = line.find(name);
    if (member == line.end()) continue;
    if (found != nullptr) fail(lines, "the query under two names");
    found = &*member;
  }
  if (found == nullptr || !found->is_string()) {
    fail(lines, "none of \"query\", \"question\" and \"anchor\" is a text");
  }
  return std::move(found->get_ref<std::string&>());
}

nlohmann::json& member_list(nlohmann::json& line, const char* name, const LineReader& lines) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_array()) {
    fail(lines, std::string("\"").append(name).append("\" is missing or no list"));
  }
  return *member;
}

void parse_row(std::string_view text, DistillationRow& row, const LineReader& lines) {
  nlohmann::json line =
      parse_json(text, lines.where(), {.max_bytes = text.size(), .reject_duplicate_keys = true});
  if (!line.is_object()) fail(lines, "no JSON object");
  row.query = take_query(line, lines);
  for (nlohmann::json& document : member_list(line, "documents", lines)) {
    if (!document.is_string()) fail(lines, "a document is no text");
    row.documents.push_back(std::move(document.get_ref<std::string&>()));
  }
  for (const nlohmann::json& score : member_list(line, "scores", lines)) {
    if (!score.is_number()) fail(lines, "a score is no number");
    row.scores.push_back(score.get<double>());
  }
  if (row.documents.empty() || row.documents.size() != row.scores.size()) {
    fail(lines, std::to_string(row.documents.size()) + " documents and " +
                    std::to_string(row.scores.size()) +
                    " scores; one score a document, at least "
                    "one");
  }
}

}  // namespace

uint64_t read_distillation(const std::filesystem::path& path,
                           const DistillationCallback& callback) {
  if (record_format_by_name(path) != RecordFormat::json_lines) {
    throw std::invalid_argument(path.string() +
                                ": cannot tell the format; expected rows with a "
                                "teacher's scores in .jsonl");
  }
  LineReader lines(path);
  return read_distillation(lines, callback);
}

uint64_t read_distillation(LineReader& lines, const DistillationCallback& callback) {
  uint64_t count = 0;
  while (const std::optional<std::string_view> line = lines.next_nonblank()) {
    if (const auto problem = lines.utf8_problem(*line)) fail(lines, *problem);
    DistillationRow row;
    parse_row(*line, row, lines);
    callback(row);
    ++count;
  }
  return count;
}

}  // namespace maxsimd
