#include "maxsimd/search/maxsim.h"

#include <limits>
#include <stdexcept>

#include "maxsimd/index/validation.h"

namespace maxsimd {
namespace {

constexpr size_t kMostRows = std::numeric_limits<uint32_t>::max();

struct Match {
  size_t document_row = 0;
  double similarity = -std::numeric_limits<double>::infinity();
};

double dot(std::span<const float> a, std::span<const float> b) {
  double total = 0.0;
  for (size_t d = 0; d < a.size(); ++d) total += double{a[d]} * double{b[d]};
  return total;
}

Match best_match(std::span<const float> query_row, MatrixView<const float> document) {
  Match best;
  for (size_t row = 0; row < document.rows; ++row) {
    const double similarity = dot(query_row, document.row(row));
    if (similarity > best.similarity) best = {row, similarity};
  }
  return best;
}

void check_pair(MatrixView<const float> query, MatrixView<const float> document) {
  if (query.cols != document.cols) {
    throw std::invalid_argument("maxsim: query dim " + std::to_string(query.cols) +
                                ", document dim " + std::to_string(document.cols));
  }
  check_matrix(query, "query");
  check_matrix(document, "document");
}

}  // namespace

float maxsim(MatrixView<const float> query, MatrixView<const float> document) {
  check_pair(query, document);
  if (document.rows == 0) return -std::numeric_limits<float>::infinity();
  double total = 0.0;
  for (size_t row = 0; row < query.rows; ++row) {
    total += best_match(query.row(row), document).similarity;
  }
  return static_cast<float>(total);
}

std::vector<Alignment> align(MatrixView<const float> query, MatrixView<const float> document) {
  check_pair(query, document);
  if (query.rows > kMostRows || document.rows > kMostRows) {
    throw std::invalid_argument("align: a query or document has more than 2^32 - 1 rows");
  }
  std::vector<Alignment> alignments;
  if (document.rows == 0) return alignments;
  alignments.reserve(query.rows);
  for (size_t row = 0; row < query.rows; ++row) {
    const Match match = best_match(query.row(row), document);
    alignments.push_back({static_cast<uint32_t>(row), static_cast<uint32_t>(match.document_row),
                          static_cast<float>(match.similarity)});
  }
  return alignments;
}

}  // namespace maxsimd
