#include "maxsimd/search/retrieve.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "maxsimd/index/index.h"
#include "maxsimd/search/damage.h"
#include "maxsimd/search/maxsim.h"

namespace maxsimd {
namespace {

template <class Name>
std::vector<std::vector<Hit>> named(const std::vector<std::vector<ScoredDocument>>& rankings,
                                    Name name) {
  std::vector<std::vector<Hit>> hits;
  hits.reserve(rankings.size());
  for (const auto& ranking : rankings) {
    std::vector<Hit>& of_query = hits.emplace_back();
    of_query.reserve(ranking.size());
    for (const auto& [document, score] : ranking) {
      of_query.push_back({std::string(name(document)), score});
    }
  }
  return hits;
}

}  // namespace

std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const CodedEmbeddings& documents,
                                       std::span<const std::string> document_ids,
                                       const SearchOptions& options, ThreadPool& pool) {
  if (document_ids.size() != documents.size()) {
    throw std::invalid_argument("retrieve: expected one id a document (" +
                                std::to_string(documents.size()) + "), got " +
                                std::to_string(document_ids.size()));
  }
  return named(search_exact(queries, documents, options, pool),
               [&](DocId document) -> const std::string& { return document_ids[document]; });
}

std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const Index& index,
                                       const SearchOptions& options, ThreadPool& pool) {
  return named(search_exact(queries, index, options, pool),
               [&](DocId document) { return index.id(document); });
}

std::vector<Alignment> align(MatrixView<const float> query, const CodedEmbeddings& documents,
                             DocId document) {
  if (document >= documents.size()) {
    throw std::invalid_argument("align: expected a document number below " +
                                std::to_string(documents.size()) + ", got " +
                                std::to_string(document));
  }
  const CodedRows rows = documents.rows(document);
  const std::vector<float> values = decode(rows, documents.kernels());
  return align(query, MatrixView<const float>{values.data(), rows.num_rows(), rows.dim});
}

std::vector<Alignment> align(MatrixView<const float> query, const Index& index, DocId document) {
  const CodedRows rows = index.rows(document);
  const std::vector<float> values = decode(rows, index.kernels());
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    throw_damaged(index.folder().string(), document);
  }
  return align(query, MatrixView<const float>{values.data(), rows.num_rows(), rows.dim});
}

}  // namespace maxsimd
