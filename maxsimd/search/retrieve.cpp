#include "maxsimd/search/retrieve.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "maxsimd/search/damage.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/maxsim.h"
#include "maxsimd/search/named_hits.h"

namespace maxsimd {
std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const CodedEmbeddings& documents,
                                       std::span<const std::string> document_ids,
                                       const SearchOptions& options, ThreadPool& pool) {
  if (document_ids.size() != documents.size()) {
    throw std::invalid_argument("retrieve: expected one id a document (" +
                                std::to_string(documents.size()) + "), got " +
                                std::to_string(document_ids.size()));
  }
  return named_hits(search_exact(queries, documents, options, pool),
                    [&](DocId document) -> const std::string& { return document_ids[document]; });
}

std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const Index& index,
                                       const SearchOptions& options, ThreadPool& pool) {
  return Retriever(index).retrieve(queries, options, pool);
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
