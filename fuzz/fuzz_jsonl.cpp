// Documents from bytes: JSON lines and TSV through the whole reader. Whatever the
// bytes, only a FormatError may come out, and what comes out without one holds what the headers
// promise and what nlohmann-json reads in the same line.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/data/documents.h"

namespace {

using namespace maxsimd;

constexpr size_t kMaxFuzzLine = size_t{1} << 20;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_record(Record& record) {
  require(!record.id.empty() && record.id.size() <= kMaxIdBytes);
  require(!find_invalid_utf8(record.id) && !find_invalid_utf8(record.title));
  require(!find_invalid_utf8(record.text));
  require(record.metadata.empty() || nlohmann::json::parse(record.metadata).is_object());
  const std::string text = document_text(record);
  require(document_text(std::move(record)) == text);
}

// Nothing when the reading ended with an error.
std::optional<ReadReport> read_all(std::string_view bytes, RecordFormat format, bool skip_bad) {
  ReadOptions options;
  options.skip_bad = skip_bad;
  LineReader lines(memory_byte_source(bytes), "fuzz", kMaxFuzzLine);
  try {
    return read_records(lines, format, options, check_record);
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).starts_with("fuzz"));
    return std::nullopt;
  }
}

// What the strict reader takes to its end, the lenient one takes without skipping.
void check_both_ways(std::string_view bytes, RecordFormat format) {
  const auto strict = read_all(bytes, format, false);
  const auto lenient = read_all(bytes, format, true);
  if (lenient) require(lenient->problems.empty() == (lenient->skipped == 0));
  if (!strict) return require(!lenient || lenient->skipped > 0);
  require(lenient && lenient->skipped == 0 && lenient->records == strict->records);
}

std::string text_of(const nlohmann::json& line, const char* key) {
  const nlohmann::json value = line.value(key, nlohmann::json());
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Every field of an accepted line is the one that nlohmann finds under its name.
void check_fields(std::string_view line) {
  Record record;
  if (find_invalid_utf8(line) || parse_json_record(line, {}, record)) return;
  const nlohmann::json theirs = nlohmann::json::parse(line);
  require(record.id == text_of(theirs, "_id") && record.text == text_of(theirs, "text"));
  require(record.id_is_integer == theirs.at("_id").is_number_integer());
  require(record.title == text_of(theirs, "title"));
  require(record.metadata == text_of(theirs, "metadata"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const RecordFormat format = (data[0] & 1U) != 0 ? RecordFormat::tsv : RecordFormat::json_lines;
  check_both_ways(bytes, format);
  check_fields(bytes);
  return 0;
}
