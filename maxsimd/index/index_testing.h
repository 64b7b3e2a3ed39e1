// Shared by the tests of index and search: seeded ragged batches, and MaxSim by the textbook in
// double.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/index/coded_embeddings.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/verify.h"

namespace maxsimd::index_testing {

inline constexpr std::initializer_list<Codec> kCodecs = {Codec::float32, Codec::float16,
                                                         Codec::int8};

/// One item of rows of equal width, written out.
using Rows = std::vector<std::vector<float>>;

inline Embeddings batch_of(size_t dim, const std::vector<Rows>& items) {
  Embeddings batch;
  batch.dim = dim;
  for (const Rows& rows : items) {
    std::vector<float> flat;
    for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    batch.append({flat.data(), rows.size(), dim});
  }
  return batch;
}

/// Items of lengths[i] random unit rows.
inline Embeddings random_batch(size_t dim, const std::vector<size_t>& lengths, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Embeddings batch;
  batch.dim = dim;
  for (const size_t length : lengths) {
    std::vector<float> rows(length * dim);
    for (size_t row = 0; row < length; ++row) {
      float* values = rows.data() + row * dim;
      double squares = 0.0;
      for (size_t d = 0; d < dim; ++d) {
        values[d] = normal(random);
        squares += double{values[d]} * values[d];
      }
      for (size_t d = 0; d < dim; ++d) {
        values[d] = static_cast<float>(values[d] / std::sqrt(squares));
      }
    }
    batch.append({rows.data(), length, dim});
  }
  return batch;
}

inline std::vector<size_t> random_lengths(size_t count, size_t shortest, size_t longest,
                                          uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<size_t> length(shortest, longest);
  std::vector<size_t> lengths(count);
  for (size_t& value : lengths) value = length(random);
  return lengths;
}

inline Embeddings item_of(const Embeddings& batch, size_t item) {
  Embeddings one;
  one.dim = batch.dim;
  one.append(batch.matrix(item));
  return one;
}

inline double brute_force_maxsim(MatrixView<const float> query, MatrixView<const float> document) {
  double total = 0.0;
  for (size_t q = 0; q < query.rows; ++q) {
    double best = -std::numeric_limits<double>::infinity();
    for (size_t t = 0; t < document.rows; ++t) {
      double dot = 0.0;
      for (size_t d = 0; d < query.cols; ++d) {
        dot += double{query.data[q * query.cols + d]} * double{document.data[t * query.cols + d]};
      }
      best = std::max(best, dot);
    }
    total += best;
  }
  return document.rows == 0 ? -std::numeric_limits<double>::infinity() : total;
}

/// Symmetric int8 there and back, one scale a row: what int8 documents and their queries become.
inline std::vector<float> rounded_to_int8(MatrixView<const float> rows) {
  std::vector<float> rounded(rows.size());
  for (size_t r = 0; r < rows.rows; ++r) {
    float largest = 0.0F;
    for (const float value : rows.row(r)) largest = std::max(largest, std::fabs(value));
    if (largest == 0.0F) continue;
    const float scale = largest / 127.0F;
    for (size_t d = 0; d < rows.cols; ++d) {
      rounded[r * rows.cols + d] = scale * std::nearbyint(rows.data[r * rows.cols + d] / scale);
    }
  }
  return rounded;
}

/// The documents as the codec stores them, decoded.
inline Embeddings decoded(const CodedEmbeddings& documents) {
  Embeddings batch;
  batch.dim = documents.dim();
  for (DocId document = 0; document < documents.size(); ++document) {
    const CodedRows rows = documents.rows(document);
    const std::vector<float> values = decode(rows, documents.kernels());
    batch.append({values.data(), rows.num_rows(), rows.dim});
  }
  return batch;
}

/// "first", "first + 1", ...
inline std::vector<std::string> numbered_ids(size_t count, size_t first = 0) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(std::to_string(first + i));
  return ids;
}

/// Adds documents "0", "1", ..., `piece` a call, a divisor of their number. Commits after the first
/// call and every `calls_a_commit` from there on; what is left over is for the caller.
inline void add_in_pieces(IndexWriter& writer, const Embeddings& documents, size_t piece,
                          size_t calls_a_commit) {
  const std::vector<std::string> ids = numbered_ids(documents.size());
  for (size_t i = 0; i < documents.size(); i += piece) {
    Embeddings part;
    part.dim = documents.dim;
    for (size_t item = i; item < i + piece; ++item) part.append(documents.matrix(item));
    writer.add({.ids = std::span(ids).subspan(i, piece), .embeddings = &part});
    if (i / piece % calls_a_commit == 0) writer.commit();
  }
}

inline void expect_whole(const std::filesystem::path& folder) {
  const VerifyReport report = verify_index(folder);
  EXPECT_TRUE(report.problems.empty()) << report.problems.front();
}

/// Runs `call` and returns the message of the std::invalid_argument it throws.
template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace maxsimd::index_testing
