#include "maxsimd/training/text_hashes.h"

#include <algorithm>

#include "maxsimd/base/checksum.h"

namespace maxsimd::training {
namespace {

constexpr uint64_t kRowsAtOnce = 1024;

uint64_t hash_of(const std::string& text) {
  return checksum(std::as_bytes(std::span(text)));
}

size_t num_columns(const TrainingRows& rows) {
  return rows.columns().columns.size();
}

size_t num_columns(const DistillationRows&) {
  return 2;
}

void hash_row(const TrainingRows& rows, uint64_t row, uint64_t* values) {
  for (const std::string& text : rows.row(row)) *values++ = hash_of(text);
}

// The documents count as a whole, as sentence-transformers compares columns of lists.
void hash_row(const DistillationRows& rows, uint64_t row, uint64_t* values) {
  const DistillationRow texts = rows.row(row);
  Checksum documents;
  for (const std::string& text : texts.documents) {
    const uint64_t size = text.size();
    documents.update(std::as_bytes(std::span(&size, 1)));
    documents.update(std::as_bytes(std::span(text)));
  }
  values[0] = hash_of(texts.query);
  values[1] = documents.value();
}

}  // namespace

TextHashes::TextHashes(const std::vector<Dataset>& datasets, ThreadPool& pool) {
  for (const Dataset& dataset : datasets) {
    const uint64_t size = dataset.size();
    Table table;
    table.columns = std::visit([](const auto& rows) { return num_columns(rows); }, dataset.rows);
    table.values.resize(size * table.columns);
    pool.parallel_for((size + kRowsAtOnce - 1) / kRowsAtOnce, [&](size_t part, size_t) {
      const uint64_t end = std::min<uint64_t>(size, (part + 1) * kRowsAtOnce);
      for (uint64_t row = part * kRowsAtOnce; row < end; ++row) {
        uint64_t* values = table.values.data() + row * table.columns;
        std::visit([&](const auto& rows) { hash_row(rows, row, values); }, dataset.rows);
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
