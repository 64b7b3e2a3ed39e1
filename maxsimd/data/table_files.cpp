#include "maxsimd/data/table_files.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/errors.h"

namespace maxsimd {

TableFiles TableFiles::open(std::span<const std::filesystem::path> paths,
                            const TableOptions& options, const std::string& what) {
  if (paths.empty()) throw std::invalid_argument(what + ": expected one file at least");
  std::vector<TableFile> tables;
  for (const auto& path : paths) tables.push_back(TableFile::open(path, options));
  return TableFiles(std::move(tables));
}

TableFiles::TableFiles(std::vector<TableFile> tables) : tables_(std::move(tables)) {
  for (const TableFile& table : tables_) {
    if (table.size() == 0) throw FormatError(table.name() + ": no rows in this file");
    first_rows_.push_back(first_rows_.back() + table.size());
  }
}

std::pair<const TableFile*, uint64_t> TableFiles::find(uint64_t row) const {
  MAXSIMD_ASSERT(row < size());
  const auto after = std::ranges::upper_bound(first_rows_, row);
  const size_t table = static_cast<size_t>(after - first_rows_.begin()) - 1;
  return {&tables_[table], row - first_rows_[table]};
}

std::optional<std::string> TableFiles::read(uint64_t row, nlohmann::json& cells) const {
  const auto [table, number] = find(row);
  return table->read(number, cells);
}

nlohmann::json TableFiles::row(uint64_t row) const {
  const auto [table, number] = find(row);
  return table->row(number);
}

std::string TableFiles::where(uint64_t row) const {
  const auto [table, number] = find(row);
  return table->where(number);
}

void TableFiles::check(const std::function<std::optional<std::string>(uint64_t row)>& problem,
                       ThreadPool& pool) const {
  constexpr uint64_t kBlockRows = 256;
  std::atomic<uint64_t> first_bad{size()};
  const auto check_block = [&](size_t block, size_t) {
    const uint64_t begin = block * kBlockRows;
    const uint64_t end = std::min(begin + kBlockRows, size());
    for (uint64_t row = begin; row < end && row < first_bad.load(); ++row) {
      if (!problem(row)) continue;
      uint64_t known = first_bad.load();
      while (row < known && !first_bad.compare_exchange_weak(known, row)) {
      }
      return;
    }
  };
  pool.parallel_for((size() + kBlockRows - 1) / kBlockRows, check_block);
  const uint64_t bad = first_bad.load();
  if (bad < size()) throw FormatError(where(bad) + ": " + *problem(bad));
}

}  // namespace maxsimd
