#include "scan_input.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "maxsimd/data/embeddings_file.h"

namespace maxsimd::bench {
namespace {

constexpr size_t kQueryRows = 32;
constexpr size_t kBatch = 256;

Embeddings random_items(size_t dim, const std::vector<size_t>& lengths, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Embeddings batch;
  batch.dim = dim;
  std::vector<float> row(dim);
  for (const size_t length : lengths) {
    for (size_t r = 0; r < length; ++r) {
      float squares = 0.0F;
      for (float& value : row) {
        value = normal(random);
        squares += value * value;
      }
      for (const float value : row) batch.values.push_back(value / std::sqrt(squares));
    }
    batch.offsets.push_back(batch.offsets.back() + length);
  }
  return batch;
}

// Token counts of abstracts cut at 300, as SciFact's: mean 236.
std::vector<size_t> document_lengths(size_t count, std::mt19937& random) {
  std::normal_distribution<double> normal(245.0, 60.0);
  std::vector<size_t> lengths(count);
  for (size_t& length : lengths) {
    length = static_cast<size_t>(std::clamp(normal(random), 20.0, 300.0));
  }
  return lengths;
}

Embeddings read_or_draw_queries(const ScanShape& shape, const std::string& path) {
  if (!path.empty()) return read_embeddings(path).embeddings;
  std::mt19937 random(2);
  return random_items(shape.dim, std::vector<size_t>(shape.num_queries, kQueryRows), random);
}

}  // namespace

ScanInput::ScanInput(ScanShape shape, const std::string& document_path,
                     const std::string& query_path)
    : shape_(shape), is_given_(!document_path.empty()) {
  if (is_given_) {
    given_ = read_embeddings(document_path).embeddings;
    shape_.dim = given_.dim;
  }
  const Embeddings all = read_or_draw_queries(shape_, query_path);
  queries_.resize(std::min(shape_.num_queries, all.size()));
  for (size_t q = 0; q < queries_.size(); ++q) queries_[q] = all.item(q);
  if (queries_.empty() || all.dim != shape_.dim) {
    throw std::invalid_argument("expected at least one query, of dim " +
                                std::to_string(shape_.dim) + " as the documents");
  }
}

Embeddings ScanInput::all_queries() const {
  Embeddings all;
  all.dim = dim();
  for (const Embeddings& query : queries_) all.append(query.matrix(0));
  return all;
}

double ScanInput::mean_query_rows() const {
  return static_cast<double>(all_queries().num_tokens()) / static_cast<double>(queries_.size());
}

void ScanInput::for_each_batch(const std::function<void(const Embeddings&)>& call) const {
  if (is_given_) return call(given_);
  std::mt19937 random(1);
  const std::vector<size_t> lengths = document_lengths(shape_.num_documents, random);
  for (size_t begin = 0; begin < lengths.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, lengths.size());
    call(random_items(
        dim(),
        {lengths.begin() + static_cast<long>(begin), lengths.begin() + static_cast<long>(end)},
        random));
  }
}

}  // namespace maxsimd::bench
