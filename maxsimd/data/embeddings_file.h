// Token embeddings in an .npz file, as `encode --out` writes and `index --embeddings` reads them:
//   values   [num_tokens, dim] float32 (f2 and f8 are read, too)
//   offsets  [n + 1] uint64: item i owns the rows offsets[i] .. offsets[i + 1]
//   ids      [n] unicode (integers are read as their decimal text)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/data/npz/npz_writer.h"

namespace maxsimd {

/// Writes embeddings batch by batch; keeps only ids and offsets in memory. The file appears at
/// commit(). Not thread-safe.
class EmbeddingsWriter {
 public:
  /// Throws IoError, std::invalid_argument (dim = 0).
  EmbeddingsWriter(const std::filesystem::path& path, size_t dim);

  /// Throws std::invalid_argument: another dim, not one id an item, values that are not finite (the
  /// id is named); IoError.
  void add(std::span<const std::string> ids, const Embeddings& embeddings);

  void commit();

 private:
  NpzWriter file_;
  size_t dim_;
  std::vector<uint64_t> offsets_ = {0};
  std::vector<std::string> ids_;
};

struct IdentifiedEmbeddings {
  std::vector<std::string> ids;
  Embeddings embeddings;
};

/// What a file is checked for beyond what makes it one.
struct EmbeddingsChecks {
  /// Larger magnitudes are refused; not finite ones always are.
  float largest_value = std::numeric_limits<float>::max();
  bool require_integer_ids = false;  // numbers, or texts that are decimal integers of 64 bits
  bool require_unique_ids = false;   // costs about 30 bytes an item while checking
  /// Called with each id in order; what it throws ends the reading.
  std::function<void(const std::string& id)> check_id;
  /// Token vectors checked and in all.
  std::function<void(size_t done, size_t total)> progress;
};

/// Reads such a file piece by piece: only offsets are in memory whole, 8 bytes an item. Not
/// thread-safe.
class EmbeddingsReader {
 public:
  /// Checks the whole file before anything is handed out: shapes, ascending offsets, one id an item
  /// of 1 to 512 bytes without U+0000, finite values, checksums, and `checks`. Throws IoError (also
  /// for what is no plain file, without opening it), FormatError naming the item.
  explicit EmbeddingsReader(const std::filesystem::path& path, const EmbeddingsChecks& checks = {});
  EmbeddingsReader(EmbeddingsReader&&) noexcept;
  EmbeddingsReader& operator=(EmbeddingsReader&&) noexcept;
  ~EmbeddingsReader();

  size_t size() const;  // items
  size_t dim() const;
  uint64_t num_tokens() const;
  bool has_integer_ids() const;  // numbers in the file

  /// The next items in order: as many as have at most `max_values` values (rows x dim, a row at
  /// least an item) together, one at least; none at the end. Throws IoError, FormatError.
  IdentifiedEmbeddings next(size_t max_values);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a whole file; also refuses ids that repeat. Throws IoError, FormatError.
IdentifiedEmbeddings read_embeddings(const std::filesystem::path& path);

}  // namespace maxsimd
