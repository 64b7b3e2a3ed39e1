// Retrieval results of many queries, and TREC run files: query-id Q0 document-id rank score tag.
//
// The order of a list is the ranking. A file carries both ranks and scores, and trec_eval goes by
// the scores alone (as float32, ties by document id, descending), so a run is written with strictly
// decreasing scores: an equal score becomes the next smaller float32. trec_eval then sees our
// order.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/types.h"
#include "maxsimd/data/line_reader.h"

namespace maxsimd {

/// query id -> hits, best first.
using Run = std::map<std::string, std::vector<Hit>>;

/// Reads a TREC run, plain or gzip: each query's hits by score descending, ties by the rank column.
/// A document twice for one query is an error. Throws IoError, FormatError (file:line).
Run read_run(const std::filesystem::path& path);
Run read_run(LineReader& lines);

inline constexpr std::string_view kRunTag = "maxsimd";

/// Throws std::invalid_argument when a column of a run cannot hold the text: it is empty or has
/// white space in it (the format has no quoting). `what` names it in the message: "query id".
void check_run_column(std::string_view text, const std::string& what);

/// The lines of one query, scores in %.9g (exact for float32), ranks from 1. -infinity (a document
/// without vectors) is written as the next value below its predecessor. Throws
/// std::invalid_argument: NaN, +infinity, scores that rise, ids or a tag that are empty or hold
/// white space (the format has no quoting).
std::string format_run_lines(const std::string& query_id, std::span<const Hit> hits,
                             std::string_view tag = kRunTag);

/// Writes a run file query by query; nothing is to be seen of it before commit().
class RunWriter {
 public:
  explicit RunWriter(const std::filesystem::path& path, std::string tag = std::string(kRunTag))
      : file_(path), tag_(std::move(tag)) {}

  void add(const std::string& query_id, std::span<const Hit> hits) {
    file_.write(format_run_lines(query_id, hits, tag_));
  }
  void commit() { file_.commit(); }

 private:
  AtomicFileWriter file_;
  std::string tag_;
};

/// Writes a whole run atomically. Throws IoError, std::invalid_argument.
void write_run(const std::filesystem::path& path, const Run& run, std::string_view tag = kRunTag);

}  // namespace maxsimd
