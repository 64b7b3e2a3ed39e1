#include "maxsimd/data/documents.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/integer_id.h"
#include "maxsimd/base/types.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/data/id_table.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using Problem = std::optional<std::string>;

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

bool is_text_file(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".txt" || extension == ".md";
}

bool is_tsv_header(std::string_view line) {
  return line == "id\ttext" || line == "id\ttext\ttitle";
}

// A system call's failure as our error.
void check(const std::error_code& error, const fs::path& path, const char* what) {
  if (error) throw IoError(path.string() + ": cannot " + what + ": " + error.message());
}

// Reads any number of inputs into one callback: counts, skips, and sees that ids are unique.
class RecordReader {
 public:
  RecordReader(TextKind kind, const ReadOptions& options, const RecordCallback& callback)
      : kind_(kind), options_(options), callback_(callback) {}

  /// For `progress`: what the inputs to come have in all.
  void expect(std::span<const fs::path> paths) {
    if (!options_.progress) return;
    for (const fs::path& path : paths) {
      if (!fs::is_directory(path)) {
        total_bytes_ += bytes_of(path);
        continue;
      }
      for (const fs::path& file : text_files(path)) total_bytes_ += bytes_of(file);
    }
  }

  void read(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
      throw IoError(path.string() + ": no such file or folder");
    }
    check(error, path, "look at");
    if (kind_ == TextKind::document && fs::is_directory(status)) return read_folder(path);
    if (kind_ == TextKind::document && is_text_file(path)) {
      return read_text_file(path, path.filename().generic_string());
    }
    const std::optional<RecordFormat> format = record_format_by_name(path);
    if (!format) {
      throw std::invalid_argument(
          path.string() + ": cannot tell the format; expected .jsonl or .tsv (or those with .gz)" +
          (kind_ == TextKind::document ? ", a .txt or .md file, or a folder of those" : ""));
    }
    LineReader lines(path, options_.max_record_bytes);
    read_lines(lines, *format);
    tell(bytes_of(path));
  }

  void read_lines(LineReader& lines, RecordFormat format) {
    sources_.push_back(lines.name());
    Record record;
    while (const std::optional<std::string_view> line = lines.next_nonblank()) {
      if (format == RecordFormat::tsv && lines.line_number() == 1 && is_tsv_header(*line)) continue;
      Problem problem = lines.utf8_problem(*line);
      if (!problem) problem = parse(*line, format, record);
      finish(record, std::move(problem), lines.line_number());
      if (!options_.progress || lines.line_offset() < next_told_offset_) continue;
      options_.progress(bytes_done_ + lines.bytes_taken(), total_bytes_);
      next_told_offset_ = lines.line_offset() + kToldBytes;
    }
    next_told_offset_ = 0;
  }

  ReadReport& report() { return report_; }

 private:
  static constexpr uint64_t kToldBytes = uint64_t{1} << 20;  // between two calls of progress

  static uint64_t bytes_of(const fs::path& file) {
    std::error_code error;  // a pipe has no size
    const uintmax_t size = fs::file_size(file, error);
    return error ? 0 : size;
  }

  // After a whole input of so many bytes.
  void tell(uint64_t bytes) {
    bytes_done_ += bytes;
    if (options_.progress) options_.progress(bytes_done_, total_bytes_);
  }

  Problem parse(std::string_view line, RecordFormat format, Record& record) const {
    if (format == RecordFormat::json_lines) return parse_json_record(line, options_, record);
    Problem problem = parse_tsv_record(line, options_, record);
    if (!problem && kind_ == TextKind::query && !record.title.empty()) {
      return "a query with three columns; expected id TAB text";
    }
    return problem;
  }

  void read_folder(const fs::path& folder) {
    for (const fs::path& path : text_files(folder)) {
      read_text_file(path, path.lexically_relative(folder).generic_string());
    }
  }

  static std::vector<fs::path> text_files(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code error;
    fs::recursive_directory_iterator entries(folder, error);
    check(error, folder, "list");
    while (entries != fs::recursive_directory_iterator()) {
      const fs::path& path = entries->path();
      if (path.filename().native().starts_with('.')) {
        entries.disable_recursion_pending();
      } else if (is_text_file(path) && entries->is_regular_file(error)) {
        paths.push_back(path);
      }
      entries.increment(error);
      check(error, folder, "list");
    }
    std::ranges::sort(paths);
    return paths;
  }

  void read_text_file(const fs::path& path, std::string id) {
    check_is_regular_file(path, "its size is asked before it is read");
    sources_.push_back(path.string());
    Record record;
    record.id = std::move(id);
    std::error_code error;
    const uintmax_t size = fs::file_size(path, error);
    check(error, path, "look at");
    if (size > options_.max_record_bytes) {
      return finish(
          record, "the file is larger than " + std::to_string(options_.max_record_bytes) + " bytes",
          0);  // its bytes were not read
    }
    record.text = read_file(path);
    finish(record, text_problem(record), 0);
    tell(size);
  }

  // Checks the content of a text file and drops its byte order mark.
  static Problem text_problem(Record& record) {
    if (const auto encoding = detect_wide_encoding(record.text)) {
      return wide_encoding_problem(*encoding);
    }
    if (const auto bad = find_invalid_utf8_fast(record.text)) {
      return "invalid UTF-8 at byte " + std::to_string(*bad) +
             "; expected UTF-8 (for Latin-1 try 'iconv -f LATIN1 -t UTF-8')";
    }
    if (find_invalid_utf8(record.id) || record.id.size() > kMaxIdBytes) {
      return "the file name, which is the id, is not valid UTF-8 or longer than 512 bytes";
    }
    if (record.text.starts_with("\xEF\xBB\xBF")) record.text.erase(0, 3);
    return std::nullopt;
  }

  // Hands a good record on; throws or counts a bad one. line 0: the source is a whole file.
  void finish(Record& record, Problem problem, uint64_t line) {
    if (!problem && options_.require_integer_ids && !is_integer_id(record.id)) {
      problem = "the id '" + record.id +
                "' is no decimal integer of 64 bits, and ids that are integers were asked for";
    }
    if (!problem && options_.check_duplicate_ids) problem = duplicate_problem(record.id, line);
    if (!problem) {
      ++report_.records;
      return callback_(record);
    }
    std::string message = place(sources_.size() - 1, line) + ": " + *problem;
    if (!options_.skip_bad) throw FormatError(message);
    ++report_.skipped;
    if (report_.problems.size() < ReadReport::kMaxProblems) {
      report_.problems.push_back(std::move(message));
    }
  }

  Problem duplicate_problem(const std::string& id, uint64_t line) {
    constexpr unsigned kLineBits = 40;
    const uint64_t source = sources_.size() - 1;
    const auto earlier = ids_.insert(id, (source << kLineBits) | line);
    if (!earlier) return std::nullopt;
    const uint64_t earlier_line = *earlier & ((uint64_t{1} << kLineBits) - 1);
    return "the id '" + id + "' was already used at " +
           place(static_cast<size_t>(*earlier >> kLineBits), earlier_line) + "; ids must be unique";
  }

  std::string place(size_t source, uint64_t line) const {
    if (line == 0) return sources_[source];
    return sources_[source] + ":" + std::to_string(line);
  }

  TextKind kind_;
  const ReadOptions& options_;
  const RecordCallback& callback_;
  ReadReport report_;
  IdTable ids_;
  std::vector<std::string> sources_;
  uint64_t bytes_done_ = 0;  // of whole inputs
  uint64_t total_bytes_ = 0;
  uint64_t next_told_offset_ = 0;
};

}  // namespace

std::optional<RecordFormat> record_format_by_name(const std::filesystem::path& path) {
  std::string extension = lower_extension(path);
  if (extension == ".gz") extension = lower_extension(path.stem());
  if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") {
    return RecordFormat::json_lines;
  }
  if (extension == ".tsv") return RecordFormat::tsv;
  return std::nullopt;
}

ReadReport read_documents(const fs::path& path, const ReadOptions& options,
                          const RecordCallback& callback) {
  return read_documents(std::span(&path, 1), options, callback);
}

ReadReport read_documents(std::span<const fs::path> paths, const ReadOptions& options,
                          const RecordCallback& callback) {
  RecordReader reader(TextKind::document, options, callback);
  reader.expect(paths);
  for (const fs::path& path : paths) reader.read(path);
  return std::move(reader.report());
}

ReadReport read_queries(const fs::path& path, const ReadOptions& options,
                        const RecordCallback& callback) {
  RecordReader reader(TextKind::query, options, callback);
  reader.expect(std::span(&path, 1));
  reader.read(path);
  return std::move(reader.report());
}

ReadReport read_records(LineReader& lines, RecordFormat format, const ReadOptions& options,
                        const RecordCallback& callback) {
  RecordReader reader(TextKind::document, options, callback);
  reader.read_lines(lines, format);
  return std::move(reader.report());
}

}  // namespace maxsimd
