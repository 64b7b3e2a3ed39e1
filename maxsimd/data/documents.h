// Reading documents and queries: one entry point for every format, one record in memory at a time.
//
//   .jsonl .ndjson .json (also .gz)   BEIR JSON lines, see parse_json_record
//   .tsv (also .gz)                   id TAB text [TAB title], see parse_tsv_record; a first line
//                                     that is exactly `id TAB text` or `id TAB text TAB title` is a
//                                     header
//   a folder                          its .txt and .md files, sub-folders too, in the order of
//                                     their names; id = path in the folder with '/', text =
//                                     content. Names that start with '.' are passed over
//   .txt .md                          one document, id = file name
//
// Blank lines are passed over. An empty file gives 0 records. Errors say file:line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/data/line_reader.h"
#include "maxsimd/data/record.h"

namespace maxsimd {

struct ReadOptions : RecordOptions {
  // A bad record or a repeated id is skipped, counted and reported instead of ending the reading.
  // Does not cover damage of the file as a whole (gzip, UTF-16).
  bool skip_bad = false;
  // A repeated id is an error naming both places; costs about 30 bytes a record. Off: passed on.
  bool check_duplicate_ids = true;
  // An id that is no decimal integer of 64 bits makes a bad record.
  bool require_integer_ids = false;
  size_t max_record_bytes = kMaxLineBytes;  // of a line or a .txt file; bounds the memory
  /// Bytes of the inputs read, packed ones as they lie there, and in all; in rising order, at least
  /// at the end of each input.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

struct ReadReport {
  uint64_t records = 0;               // handed to the callback
  uint64_t skipped = 0;               // only with skip_bad
  std::vector<std::string> problems;  // of the first kMaxProblems skipped, "file:line: ..."

  static constexpr size_t kMaxProblems = 20;
};

/// Called once a record, in file order; may move parts of the record away.
using RecordCallback = std::function<void(Record& record)>;

/// Reads every document of a file or folder. Throws IoError, FormatError (file:line),
/// std::invalid_argument for a name whose format cannot be told.
ReadReport read_documents(const std::filesystem::path& path, const ReadOptions& options,
                          const RecordCallback& callback);

/// The same over several inputs, with ids unique across all of them.
ReadReport read_documents(std::span<const std::filesystem::path> paths, const ReadOptions& options,
                          const RecordCallback& callback);

/// Reads queries from JSON lines or TSV (two columns; a third is a problem). A query's text is
/// `text` alone, as given.
ReadReport read_queries(const std::filesystem::path& path, const ReadOptions& options,
                        const RecordCallback& callback);

enum class RecordFormat { json_lines, tsv };

/// The format a file's name stands for (.jsonl, .ndjson, .json, .tsv, each also with .gz).
std::optional<RecordFormat> record_format_by_name(const std::filesystem::path& path);

/// Reads documents from lines of a known format (memory, a pipe).
ReadReport read_records(LineReader& lines, RecordFormat format, const ReadOptions& options,
                        const RecordCallback& callback);

}  // namespace maxsimd
