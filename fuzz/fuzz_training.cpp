// Training tables from bytes: JSON lines, CSV and TSV, their columns by name, by choice and as
// PyLate has it, rows for distillation, triplets. The first byte picks the format and the reader.
// Whatever the bytes, only a FormatError that names the file may come out, or where columns are
// chosen that are not there std::invalid_argument; a row that comes out has
// a valid text for each column, and its place does not lie before that of the row before.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/data/distillation_rows.h"
#include "maxsimd/data/training_rows.h"
#include "maxsimd/data/triplets.h"

namespace {

using namespace maxsimd;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_text(const std::string& text) {
  require(!find_invalid_utf8(text));
}

// What `read` throws must say where.
template <class Read>
void allow_format_errors(Read read) {
  try {
    read();
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).starts_with("fuzz"));
  }
}

size_t line_of(const std::string& where) {
  return std::stoul(where.substr(where.rfind(':') + 1));
}

void read_cells(const TableFile& table) {
  size_t line = 0;
  for (uint64_t row = 0; row < table.size(); ++row) {
    const size_t next = line_of(table.where(row));
    require(next > line);
    line = next;
    allow_format_errors([&] { require(table.row(row).is_object()); });
  }
}

void read_training_rows(TableFile table, const ColumnOptions& options) {
  std::vector<TableFile> tables;
  tables.push_back(std::move(table));
  const TrainingRows rows(TableFiles(std::move(tables)), options);
  for (uint64_t row = 0; row < rows.size(); ++row) {
    allow_format_errors([&] {
      const std::vector<std::string> texts = rows.row(row);
      require(texts.size() == rows.columns().columns.size() && texts.size() >= 2);
      for (const std::string& text : texts) require_text(text);
    });
    allow_format_errors([&] {
      for (const std::string& id : rows.ids(row, "ids")) require_text(id);
    });
  }
}

void read_distillation_rows(TableFile table) {
  std::vector<TableFile> tables;
  tables.push_back(std::move(table));
  const DistillationRows rows = DistillationRows::of_texts(TableFiles(std::move(tables)), {});
  for (uint64_t row = 0; row < rows.size(); ++row) {
    allow_format_errors([&] {
      const DistillationRow read = rows.row(row);
      require(read.documents.size() == rows.ways() && read.scores.size() == rows.ways());
      require_text(read.query);
      for (const std::string& text : read.documents) require_text(text);
    });
  }
}

void read(uint8_t kind, std::string_view bytes) {
  constexpr TableFormat kFormats[] = {TableFormat::json_lines, TableFormat::csv, TableFormat::tsv};
  ColumnOptions options;
  if (kind / 3 % 5 == 1) options.pylate_columns = true;
  const std::vector<std::string> chosen = {"a", "b", "c"};
  if (kind / 3 % 5 == 2) options.columns = parse_column_choices(chosen);
  TableFile table =
      TableFile::from_memory(bytes, "fuzz", kFormats[kind % 3],
                             {.tsv = training_tsv_columns(options), .max_row_bytes = 1U << 20});
  read_cells(table);
  switch (kind / 3 % 5) {
    case 3:
      return read_distillation_rows(std::move(table));
    case 4:
      read_triplets(table, {}, [](const Triplet& triplet) {
        require_text(triplet.query);
        require(!triplet.negatives.empty());
      });
      return;
    default:
      read_training_rows(std::move(table), options);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    allow_format_errors([&] { read(data[0], bytes); });
  } catch (const std::invalid_argument& error) {
    require(data[0] / 3 % 5 == 2 && std::string_view(error.what()).starts_with("columns: fuzz"));
  }
  return 0;
}
