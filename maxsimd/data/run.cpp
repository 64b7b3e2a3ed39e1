#include "maxsimd/data/run.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/fields.h"

namespace maxsimd {
namespace {

struct RunLine {
  std::string document;
  double score = 0.0;  // as in the file: two scores may differ by less than float32 shows
  int64_t rank = 0;
  uint64_t line = 0;
};

template <class T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

[[noreturn]] void fail(const std::string& where, const std::string& problem) {
  throw FormatError(where + ": " + problem);
}

RunLine parse_line(const std::vector<std::string_view>& fields, const LineReader& lines) {
  if (fields.size() != 6) {
    fail(lines.where(), std::to_string(fields.size()) + " columns; expected six of a TREC run: " +
                            "query-id Q0 document-id rank score tag");
  }
  RunLine entry{std::string(fields[2]), 0.0, 0, lines.line_number()};
  if (!parse_number(fields[3], entry.rank)) {
    fail(lines.where(), "the rank is '" + std::string(fields[3]) + "'; expected an integer");
  }
  if (!parse_number(fields[4], entry.score) || !std::isfinite(entry.score)) {
    fail(lines.where(), "the score is '" + std::string(fields[4]) + "'; expected a finite number");
  }
  return entry;
}

void refuse_duplicates(std::vector<RunLine>& entries, const std::string& query,
                       const std::string& file) {
  std::ranges::sort(entries, [](const RunLine& a, const RunLine& b) {
    return a.document != b.document ? a.document < b.document : a.line < b.line;
  });
  const auto same = std::ranges::adjacent_find(
      entries, [](const RunLine& a, const RunLine& b) { return a.document == b.document; });
  if (same == entries.end()) return;
  fail(file + ":" + std::to_string(std::next(same)->line),
       "document '" + same->document + "' was already listed for query '" + query + "' in line " +
           std::to_string(same->line));
}

std::vector<Hit> ranked_hits(std::vector<RunLine>& entries) {
  std::ranges::sort(entries, [](const RunLine& a, const RunLine& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.rank != b.rank ? a.rank < b.rank : a.line < b.line;
  });
  std::vector<Hit> hits;
  hits.reserve(entries.size());
  for (RunLine& entry : entries) {
    hits.push_back({std::move(entry.document), static_cast<float>(entry.score)});
  }
  return hits;
}

}  // namespace

Run read_run(const std::filesystem::path& path) {
  LineReader lines(path);
  return read_run(lines);
}

Run read_run(LineReader& lines) {
  std::map<std::string, std::vector<RunLine>> queries;
  std::vector<std::string_view> fields;
  while (const std::optional<std::string_view> line = lines.next_nonblank()) {
    if (const auto problem = lines.utf8_problem(*line)) fail(lines.where(), *problem);
    split_trec_fields(*line, fields);
    RunLine entry = parse_line(fields, lines);
    queries[std::string(fields[0])].push_back(std::move(entry));
  }
  Run run;
  for (auto& [query, entries] : queries) {
    refuse_duplicates(entries, query, lines.name());
    run.emplace(query, ranked_hits(entries));
  }
  return run;
}

void check_run_column(std::string_view text, const std::string& what) {
  if (!text.empty() && text.find_first_of(kTrecSpace) == std::string_view::npos) return;
  throw std::invalid_argument("a TREC run cannot hold the " + what + " '" + std::string(text) +
                              "': it is empty or has white space in it");
}

std::string format_run_lines(const std::string& query_id, std::span<const Hit> hits,
                             std::string_view tag) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  check_run_column(query_id, "query id");
  check_run_column(tag, "tag");
  std::string lines;
  float above = kInfinity;        // the score before this one, as written
  float given_above = kInfinity;  // and as given
  for (size_t i = 0; i < hits.size(); ++i) {
    check_run_column(hits[i].id, "document id");
    const float given = hits[i].score;
    if (std::isnan(given) || given == kInfinity || given > given_above) {
      throw std::invalid_argument("run of query '" + query_id + "': the score of '" + hits[i].id +
                                  "' is " + std::to_string(given) + " after " +
                                  std::to_string(given_above) +
                                  "; expected finite scores, best first");
    }
    float written = std::min(given, std::nextafter(above, -kInfinity));
    if (given == -kInfinity) written = above == kInfinity ? 0.0F : std::nextafter(above, given);
    char score[32];
    std::snprintf(score, sizeof(score), "%.9g", static_cast<double>(written));
    lines.append(query_id).append(" Q0 ").append(hits[i].id).append(" ");
    lines.append(std::to_string(i + 1)).append(" ").append(score).append(" ");
    lines.append(tag).append("\n");
    above = written;
    given_above = given;
  }
  return lines;
}

void write_run(const std::filesystem::path& path, const Run& run, std::string_view tag) {
  RunWriter writer(path, std::string(tag));
  for (const auto& [query, hits] : run) writer.add(query, hits);
  writer.commit();
}

}  // namespace maxsimd
