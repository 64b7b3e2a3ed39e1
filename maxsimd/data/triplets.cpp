#include "maxsimd/data/triplets.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/data/fields.h"

namespace maxsimd {
namespace {

[[noreturn]] void fail(const LineReader& lines, const std::string& problem) {
  throw FormatError(lines.where() + ": " + problem);
}

std::string in_quotes(const std::string& key) {
  return nlohmann::json(key).dump();
}

// Takes the text of the one of `names` that the line has.
std::string take_role(nlohmann::json& line, std::initializer_list<const char*> names,
                      const LineReader& lines) {
  std::string found;
  std::string expected;
  for (const char* name : names) {
    expected += (expected.empty() ? "" : ", ") + in_quotes(name);
    if (!line.contains(name)) continue;
    if (!found.empty()) {
      fail(lines,
           "both " + in_quotes(found) + " and " + in_quotes(name) + "; expected one of them");
    }
    found = name;
  }
  if (found.empty()) fail(lines, "none of " + expected + "; expected one of them");
  nlohmann::json& text = line[found];
  if (!text.is_string()) fail(lines, in_quotes(found) + " is not a string");
  return std::move(text.get_ref<std::string&>());
}

void take_negatives(const std::string& key, nlohmann::json& value, Triplet& triplet,
                    const LineReader& lines) {
  const auto take = [&](nlohmann::json& text) {
    if (!text.is_string())
      fail(lines, in_quotes(key) + " is neither a string nor a list of strings");
    triplet.negatives.push_back(std::move(text.get_ref<std::string&>()));
  };
  if (!value.is_array()) return take(value);
  for (nlohmann::json& text : value) take(text);
}

// "negative_2" before "negative_10": by length, then (as the object has them) by bytes.
std::vector<std::string> negative_keys(const nlohmann::json& line) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) {
    if (key.starts_with("negative")) keys.push_back(key);
  }
  std::ranges::stable_sort(keys, {}, [](const std::string& key) { return key.size(); });
  return keys;
}

void parse_json_triplet(std::string_view text, Triplet& triplet, const LineReader& lines) {
  nlohmann::json line =
      parse_json(text, lines.where(), {.max_bytes = text.size(), .reject_duplicate_keys = true});
  if (!line.is_object()) fail(lines, "expected one JSON object a line");
  triplet.query = take_role(line, {"question", "query", "anchor"}, lines);
  triplet.positive = take_role(line, {"answer", "positive"}, lines);
  for (const std::string& key : negative_keys(line)) take_negatives(key, line[key], triplet, lines);
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
