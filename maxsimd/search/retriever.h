// Search over an index of any kind, prepared once for many queries.
#pragma once

#include <memory>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/index.h"
#include "maxsimd/search/search_options.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

/// A snapshot of an index, and what its kind needs to search it. Copies share both.
/// Thread rule: const methods may be called from any thread.
class Retriever {
 public:
  /// For kinds plaid and hnsw some milliseconds: the codebook's tables and views of the segments;
  /// a bit for each vector. Throws
  /// std::invalid_argument for one of more than 2^32 - 1 documents.
  explicit Retriever(Index index);

  /// The last commit as of now, prepared anew when it is another one. Throws as Index::open().
  Retriever refresh() const;

  const Index& index() const { return index_; }

  /// The best documents of each query, best first; one list a query, in the queries' order. By the
  /// index's kind: exact as search_exact() (exact_search.h), plaid as PlaidSearch
  /// (plaid_search.h), hnsw as search_hnsw() (hnsw_search.h); with options.exact always
  /// search_exact(). Documents whose vectors are not coded yet, or lie in segments without lists,
  /// are all looked at. Throws as search_exact().
  std::vector<std::vector<ScoredDocument>> search(const Embeddings& queries,
                                                  const SearchOptions& options,
                                                  ThreadPool& pool) const;

  /// The same, each document named by its id.
  std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const SearchOptions& options,
                                         ThreadPool& pool) const;

 private:
  struct Plaid;
  struct Hnsw;

  Index index_;
  std::shared_ptr<const Plaid> plaid_;  // null for other kinds
  std::shared_ptr<const Hnsw> hnsw_;    // likewise
};

}  // namespace maxsimd
