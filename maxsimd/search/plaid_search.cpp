#include "maxsimd/search/plaid_search.h"

#include <algorithm>
#include <limits>

#include "maxsimd/index/validation.h"
#include "maxsimd/search/block_scan.h"

namespace maxsimd {
PlaidSearch::PlaidSearch(const PlaidCorpus& corpus) : corpus_(corpus) {}

std::unique_ptr<PlaidQuery> PlaidSearch::borrow() const {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<PlaidQuery>(corpus_);
  std::unique_ptr<PlaidQuery> query = std::move(idle_.back());
  idle_.pop_back();
  return query;
}

std::vector<std::vector<ScoredDocument>> PlaidSearch::search(const Embeddings& queries, size_t dim,
                                                             const Bitmap& live,
                                                             const SearchOptions& options,
                                                             ThreadPool& pool) const {
  check_search_options(options, corpus_.num_slots);
  check_embeddings(queries, dim, {"query"});
  Bitmap filtered;
  if (options.filter != nullptr) {
    filtered = live;
    filtered.intersect(options.filter->bitmap());
  }
  const Bitmap& slots = options.filter != nullptr ? filtered : live;
  const Allowed allowed{slots, slots.count()};
  const size_t k = std::min(options.k, allowed.count);

  std::vector<std::vector<ScoredDocument>> results(queries.size());
  const auto run = [&](size_t query) {
    if (queries.rows(query) == 0) return;
    results[query] = search_one(queries.matrix(query), allowed, k, options.plaid, pool);
  };
  if (queries.size() >= pool.num_threads()) {
    pool.parallel_for(queries.size(), [&](size_t query, size_t) { run(query); });
  } else {
    for (size_t query = 0; query < queries.size(); ++query) run(query);
  }
  if (corpus_.whole.empty()) return results;

  const BlockScan scan{.blocks = corpus_.whole,
                       .allowed = &slots,
                       .kernels = *corpus_.kernels,
                       .source = corpus_.source};
  const auto others = scan_blocks(scan, queries, std::max<size_t>(k, 1), pool);
  for (size_t query = 0; query < queries.size(); ++query) {
    std::vector<ScoredDocument>& hits = results[query];
    hits.insert(hits.end(), others[query].begin(), others[query].end());
    std::sort(hits.begin(), hits.end(), ranks_before);
    hits.resize(std::min(k, hits.size()));
  }
  return results;
}

std::vector<ScoredDocument> PlaidSearch::search_one(MatrixView<const float> query,
                                                    const Allowed& allowed, size_t k,
                                                    const PlaidParameters& parameters,
                                                    ThreadPool& pool) const {
  const size_t n_full_scores = std::min(std::max(parameters.n_full_scores, k), corpus_.num_slots);
  std::unique_ptr<PlaidQuery> state = borrow();
  state->score_centroids(query, pool);
  const size_t num_selected = kSelectedPerFull * n_full_scores;
  state->find_candidates(allowed.slots, allowed.count, parameters, num_selected);
  state->approximate(num_selected, pool);
  if (state->num_vectors() > kVectorsInFull) state->score_selected(n_full_scores, pool);
  std::vector<ScoredDocument> hits;
  if (corpus_.codec == Codec::residual) {
    state->score_residuals(pool);
    hits = state->rank(k, pool);
  } else {
    hits = state->rank_by_vectors(k, pool);
  }
  if (hits.size() < k) add_empty_documents(allowed.slots, k - hits.size(), hits);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(state));
  return hits;
}

void PlaidSearch::add_empty_documents(const Bitmap& allowed, size_t count,
                                      std::vector<ScoredDocument>& hits) const {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  const size_t first = hits.size();
  for (const PlaidSegment& segment : corpus_.segments) {
    for (size_t i = 0; i < segment.size(); ++i) {
      if (segment.num_rows(i) == 0 && allowed.contains(segment.first_slot + i)) {
        hits.push_back({segment.documents[i], kLowest});
      }
    }
  }
  std::sort(hits.begin() + static_cast<std::ptrdiff_t>(first), hits.end(), ranks_before);
  hits.resize(std::min(hits.size(), first + count));
}

}  // namespace maxsimd
