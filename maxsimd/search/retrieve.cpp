#include "maxsimd/search/retrieve.h"

#include <stdexcept>

#include "maxsimd/search/maxsim.h"

namespace maxsimd {

std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const CodedEmbeddings& documents,
                                       std::span<const std::string> document_ids,
                                       const SearchOptions& options, ThreadPool& pool) {
  if (document_ids.size() != documents.size()) {
    throw std::invalid_argument("retrieve: expected one id a document (" +
                                std::to_string(documents.size()) + "), got " +
                                std::to_string(document_ids.size()));
  }
  std::vector<std::vector<Hit>> hits;
  hits.reserve(queries.size());
  for (const auto& ranking : search_exact(queries, documents, options, pool)) {
    std::vector<Hit>& named = hits.emplace_back();
    named.reserve(ranking.size());
    for (const auto& [document, score] : ranking) named.push_back({document_ids[document], score});
  }
  return hits;
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

}  // namespace maxsimd
