// The nouns that flow through maxsimd.
//
//   text --text--> token ids --encoder--> hidden states --colbert--> Embeddings --search--> Hits
//
// D = embedding dimension. Values are plain data, safe to read from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace maxsimd {

/// A row-major matrix [rows, cols] in somebody else's memory; must not outlive it.
template <class T>
struct MatrixView {
  T* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;

  std::span<T> row(size_t r) const { return {data + r * cols, cols}; }
  size_t size() const { return rows * cols; }
  operator MatrixView<const T>() const { return {data, rows, cols}; }
};

/// A ragged batch of token embeddings: item i (a query or a document) owns the rows
/// offsets[i] .. offsets[i + 1] of values [num_tokens, dim], float32, row-major.
struct Embeddings {
  size_t dim = 0;
  std::vector<float> values;            // [num_tokens * dim]
  std::vector<uint64_t> offsets = {0};  // [size + 1], ascending, offsets[0] = 0

  size_t size() const { return offsets.size() - 1; }
  size_t num_tokens() const { return static_cast<size_t>(offsets.back()); }
  size_t rows(size_t item) const { return static_cast<size_t>(offsets[item + 1] - offsets[item]); }

  /// The rows of one item, [rows(item), dim].
  MatrixView<const float> matrix(size_t item) const {
    return {values.data() + static_cast<size_t>(offsets[item]) * dim, rows(item), dim};
  }

  /// One item as a batch of its own.
  Embeddings item(size_t item) const {
    const MatrixView<const float> rows = matrix(item);
    return {dim, {rows.data, rows.data + rows.size()}, {0, rows.rows}};
  }

  /// Appends one item. rows.cols must equal dim (asserted by the caller).
  void append(MatrixView<const float> rows) {
    values.insert(values.end(), rows.data, rows.data + rows.size());
    offsets.push_back(offsets.back() + rows.rows);
  }
};

/// A document's or query's id is UTF-8 of 1 to this many bytes, kept as it was given.
inline constexpr size_t kMaxIdBytes = 512;

/// An answer: a document id as it was given, and its score (larger is better).
struct Hit {
  std::string id;
  float score = 0.0F;

  bool operator==(const Hit&) const = default;
};

/// Which document row a query row matched best, and how well (dot product).
struct Alignment {
  uint32_t query_row = 0;
  uint32_t document_row = 0;
  float similarity = 0.0F;

  bool operator==(const Alignment&) const = default;
};

/// Bytes [begin, end) of a text.
struct ByteRange {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool operator==(const ByteRange&) const = default;
};

/// Whether a text is asked or indexed: prefixes, lengths and masks differ.
enum class TextKind { query, document };

}  // namespace maxsimd
