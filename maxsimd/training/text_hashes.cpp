#include "maxsimd/training/text_hashes.h"

#include <algorithm>

#include "maxsimd/base/checksum.h"

namespace maxsimd::training {
namespace {

constexpr uint64_t kRowsAtOnce = 1024;

}  // namespace

TextHashes::TextHashes(const std::vector<Dataset>& datasets, ThreadPool& pool) {
  for (const Dataset& dataset : datasets) {
    const uint64_t size = dataset.rows.size();
    Table table{.columns = dataset.rows.columns().columns.size(), .values = {}};
    table.values.resize(size * table.columns);
    pool.parallel_for((size + kRowsAtOnce - 1) / kRowsAtOnce, [&](size_t part, size_t) {
      const uint64_t end = std::min<uint64_t>(size, (part + 1) * kRowsAtOnce);
      for (uint64_t row = part * kRowsAtOnce; row < end; ++row) {
        uint64_t* value = table.values.data() + row * table.columns;
        for (const std::string& text : dataset.rows.row(row)) {
          *value++ = checksum(std::as_bytes(std::span(text)));
        }
      }
    });
    tables_.push_back(std::move(table));
  }
}

std::span<const uint64_t> TextHashes::row(size_t dataset, uint64_t row) const {
  const Table& table = tables_[dataset];
  return {table.values.data() + row * table.columns, table.columns};
}

}  // namespace maxsimd::training
