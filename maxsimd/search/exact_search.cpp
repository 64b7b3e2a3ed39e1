#include "maxsimd/search/exact_search.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/index/validation.h"
#include "maxsimd/search/packed_query.h"

namespace maxsimd {
namespace {

// Queries scored against a block while it is in cache: eight cut the memory traffic to an eighth,
// and leave enough tasks for all threads when a corpus is a single block.
constexpr size_t kQueriesPerTask = 8;

// Queries whose heaps exist at one time; bounds memory whatever the number of queries.
constexpr size_t kQueriesPerPass = 64;

struct Worker {
  AlignedBuffer<float> scratch;
  std::vector<TopK> heaps;  // one a query of the pass
};

// One pass over the documents for up to kQueriesPerPass queries.
class Pass {
 public:
  Pass(const Embeddings& queries, size_t begin, size_t end, const CodedEmbeddings& documents,
       const Filter* filter, size_t k)
      : documents_(documents), filter_(filter), k_(k) {
    queries_.reserve(end - begin);
    for (size_t query = begin; query < end; ++query) {
      queries_.emplace_back(queries.matrix(query), documents.codec());
    }
  }

  void run(ThreadPool& pool, std::vector<std::vector<ScoredDocument>>& results) {
    workers_.resize(pool.num_threads());
    for (Worker& worker : workers_) worker.heaps.assign(queries_.size(), TopK(k_));
    const size_t tasks_per_block = (queries_.size() + kQueriesPerTask - 1) / kQueriesPerTask;
    pool.parallel_for(documents_.num_blocks() * tasks_per_block, [&](size_t task, size_t worker) {
      scan(task / tasks_per_block, task % tasks_per_block * kQueriesPerTask, workers_[worker]);
    });
    for (size_t query = 0; query < queries_.size(); ++query) results.push_back(merge(query));
  }

 private:
  void scan(size_t block, size_t first_query, Worker& worker) const {
    const size_t last_query = std::min(first_query + kQueriesPerTask, queries_.size());
    for (size_t query = first_query; query < last_query; ++query) {
      if (queries_[query].num_rows() == 0) continue;
      for (DocId document = documents_.block_begin(block);
           document < documents_.block_begin(block + 1); ++document) {
        if (filter_ != nullptr && !filter_->contains(document)) continue;
        const float score =
            queries_[query].maxsim(documents_.rows(document), documents_.kernels(), worker.scratch);
        worker.heaps[query].push({document, score});
      }
    }
  }

  std::vector<ScoredDocument> merge(size_t query) {
    TopK& best = workers_.front().heaps[query];
    for (size_t w = 1; w < workers_.size(); ++w) best.merge(workers_[w].heaps[query]);
    return best.take_sorted();
  }

  const CodedEmbeddings& documents_;
  const Filter* filter_;
  size_t k_;
  std::vector<PackedQuery> queries_;
  std::vector<Worker> workers_;
};

void check_options(const SearchOptions& options, const CodedEmbeddings& documents) {
  if (options.k == 0) throw std::invalid_argument("search: k must be at least 1, got 0");
  if (options.filter != nullptr && options.filter->num_slots() != documents.size()) {
    throw std::invalid_argument("search: expected a filter over " +
                                std::to_string(documents.size()) + " documents, got one over " +
                                std::to_string(options.filter->num_slots()));
  }
}

}  // namespace

std::vector<std::vector<ScoredDocument>> search_exact(const Embeddings& queries,
                                                      const CodedEmbeddings& documents,
                                                      const SearchOptions& options,
                                                      ThreadPool& pool) {
  check_options(options, documents);
  check_embeddings(queries, documents.dim(), {"query"});
  const size_t live = options.filter != nullptr ? options.filter->count() : documents.size();
  const size_t k = std::min(options.k, live);
  std::vector<std::vector<ScoredDocument>> results;
  results.reserve(queries.size());
  for (size_t begin = 0; begin < queries.size(); begin += kQueriesPerPass) {
    const size_t end = std::min(begin + kQueriesPerPass, queries.size());
    Pass(queries, begin, end, documents, options.filter, k).run(pool, results);
  }
  return results;
}

}  // namespace maxsimd
