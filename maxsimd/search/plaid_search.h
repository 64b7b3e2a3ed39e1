// PLAID search: each query's best documents without looking at most of them.
//
// Scores are exact MaxSim (float32) of the stored vectors, and the ranking is that of exact search
// over the documents that were scored from their residuals. So for k up to n_full_scores the answer
// is the beginning of the answer for any larger such k; for a larger k as many as k are scored, and
// a document that n_full_scores had left out may turn up anywhere. There are always min(k, allowed
// documents) hits.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/search/plaid_corpus.h"
#include "maxsimd/search/plaid_query.h"
#include "maxsimd/search/search_options.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

/// Thread rule: const methods may be called from any thread.
class PlaidSearch {
 public:
  /// Views the corpus and all that it views. REQUIRES: as plaid_corpus.h says.
  explicit PlaidSearch(const PlaidCorpus& corpus);

  /// The best documents of each query among the live ones (by slot), best first; one list a query.
  /// A query without rows has no hits; a document without rows scores -infinity and comes last.
  /// As many queries as threads or more are answered one a thread, fewer by all threads together,
  /// with the same result. Throws std::invalid_argument as search_exact() does, FormatError
  /// (damage.h) for vectors stored whole: residual codes stand for finite ones whatever they are.
  std::vector<std::vector<ScoredDocument>> search(const Embeddings& queries, size_t dim,
                                                  const Bitmap& live, const SearchOptions& options,
                                                  ThreadPool& pool) const;

 private:
  struct Allowed {
    const Bitmap& slots;
    size_t count;
  };

  std::vector<ScoredDocument> search_one(MatrixView<const float> query, const Allowed& allowed,
                                         size_t k, const PlaidParameters& parameters,
                                         ThreadPool& pool) const;
  void add_empty_documents(const Bitmap& allowed, size_t count,
                           std::vector<ScoredDocument>& hits) const;
  std::unique_ptr<PlaidQuery> borrow() const;

  const PlaidCorpus corpus_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<PlaidQuery>> idle_;  // guarded by mutex_
};

}  // namespace maxsimd
