// Documents from bytes: JSON lines and TSV through the whole reader. What our JSON scanner accepts
// is compared with nlohmann-json, and the reverse.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/json_scanner.h"

namespace {

using namespace maxsimd;

void require(bool condition) {
  if (!condition) std::abort();
}

void read_all(std::string_view bytes, RecordFormat format, bool skip_bad) {
  ReadOptions options;
  options.skip_bad = skip_bad;
  LineReader lines(memory_byte_source(bytes), "fuzz", size_t{1} << 20);
  try {
    read_records(lines, format, options, [](Record& record) {
      require(!record.id.empty() && record.id.size() <= kMaxIdBytes);
      require(!find_invalid_utf8(record.id) && !find_invalid_utf8(record.text));
      require(record.metadata.empty() || !find_invalid_utf8(record.metadata));
      const std::string text = document_text(record);
      require(document_text(std::move(record)) == text);
    });
  } catch (const FormatError&) {
  }
}

// nlohmann refuses two things that we take: halves of surrogate pairs and numbers beyond double.
void compare_with_nlohmann(std::string_view line) {
  if (find_invalid_utf8(line) || line.find('\0') != std::string_view::npos) return;
  if (line.starts_with("\xEF\xBB\xBF")) return;
  nlohmann::json theirs;
  try {
    theirs = nlohmann::json::parse(line);
  } catch (const nlohmann::json::out_of_range&) {
    return;
  } catch (const nlohmann::json::parse_error&) {
    theirs = nullptr;
  }
  JsonObjectScanner scanner(line);
  JsonMember member;
  nlohmann::json ours = nlohmann::json::object();
  bool has_lone = false;
  while (scanner.next(member)) {
    std::string raw(member.raw);
    has_lone = has_lone || has_lone_surrogate(raw);
    if (member.kind == JsonKind::string) {
      std::string text;
      append_json_string(text, raw);
      ours[member.key] = text;
    } else {
      repair_lone_surrogates(raw);
      try {
        ours[member.key] = nlohmann::json::parse(raw);
      } catch (const nlohmann::json::out_of_range&) {
        return;
      }
    }
  }
  if (theirs.is_object()) {
    require(scanner.error().empty() || scanner.error().find("64 levels") != std::string::npos);
    require(!scanner.error().empty() || ours == theirs);
  } else {
    require(!scanner.error().empty() || has_lone || line.find("\\u") != std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const RecordFormat format = (data[0] & 1U) != 0 ? RecordFormat::tsv : RecordFormat::json_lines;
  read_all(bytes, format, (data[0] & 2U) != 0);
  compare_with_nlohmann(bytes);
  return 0;
}
