#include "maxsimd/search/block_scan.h"

#include <algorithm>
#include <cmath>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/search/damage.h"
#include "maxsimd/search/packed_query.h"

namespace maxsimd {
namespace {

// Queries scored against a block while it is in cache: eight cut the memory traffic to an eighth,
// and leave enough tasks for all threads when a corpus is a single block.
constexpr size_t kQueriesPerTask = 8;

// Queries whose heaps exist at one time; bounds memory whatever the number of queries.
constexpr size_t kQueriesPerPass = 64;

struct alignas(64) Worker {
  AlignedBuffer<float> scratch;
  std::vector<size_t> allowed;  // places in the block at hand
  std::vector<TopK> heaps;      // one a query of the pass
};

// One pass over the blocks for up to kQueriesPerPass queries.
class Pass {
 public:
  Pass(const BlockScan& scan, const Embeddings& queries, size_t begin, size_t end, size_t k)
      : scan_(scan), k_(k) {
    const Codec codec = scan.blocks.empty() ? Codec::float32 : scan.blocks.front().rows.codec;
    queries_.reserve(end - begin);
    for (size_t query = begin; query < end; ++query) {
      queries_.emplace_back(queries.matrix(query), codec);
    }
  }

  void run(ThreadPool& pool, std::vector<std::vector<ScoredDocument>>& results) {
    workers_.resize(pool.num_threads());
    for (Worker& worker : workers_) worker.heaps.assign(queries_.size(), TopK(k_));
    const size_t tasks_per_block = (queries_.size() + kQueriesPerTask - 1) / kQueriesPerTask;
    pool.parallel_for(scan_.blocks.size() * tasks_per_block, [&](size_t task, size_t worker) {
      run_task(scan_.blocks[task / tasks_per_block], task % tasks_per_block * kQueriesPerTask,
               workers_[worker]);
    });
    for (size_t query = 0; query < queries_.size(); ++query) results.push_back(merge(query));
  }

 private:
  void run_task(const DocumentBlock& block, size_t first_query, Worker& worker) const {
    find_allowed(block, worker.allowed);
    const size_t last_query = std::min(first_query + kQueriesPerTask, queries_.size());
    for (size_t query = first_query; query < last_query; ++query) {
      if (queries_[query].num_rows() == 0) continue;
      for (const size_t i : worker.allowed) {
        worker.heaps[query].push({block.document(i), score(query, block, i, worker.scratch)});
      }
    }
  }

  void find_allowed(const DocumentBlock& block, std::vector<size_t>& places) const {
    places.clear();
    for (size_t i = 0; i < block.size(); ++i) {
      if (scan_.allowed == nullptr || scan_.allowed->contains(block.first_slot + i)) {
        places.push_back(i);
      }
    }
  }

  float score(size_t query, const DocumentBlock& block, size_t i,
              AlignedBuffer<float>& scratch) const {
    const CodedRows rows = block.rows_of(i);
    const float score = queries_[query].maxsim(rows, scan_.kernels, scratch);
    if (!std::isfinite(score) && rows.num_rows() != 0) {
      throw_damaged(scan_.source, block.document(i));
    }
    return score;
  }

  std::vector<ScoredDocument> merge(size_t query) {
    TopK& best = workers_.front().heaps[query];
    for (size_t w = 1; w < workers_.size(); ++w) best.merge(workers_[w].heaps[query]);
    return best.take_sorted();
  }

  const BlockScan& scan_;
  size_t k_;
  std::vector<PackedQuery> queries_;
  std::vector<Worker> workers_;
};

}  // namespace

std::vector<std::vector<ScoredDocument>> scan_blocks(const BlockScan& scan,
                                                     const Embeddings& queries, size_t k,
                                                     ThreadPool& pool) {
  std::vector<std::vector<ScoredDocument>> results;
  results.reserve(queries.size());
  for (size_t begin = 0; begin < queries.size(); begin += kQueriesPerPass) {
    const size_t end = std::min(begin + kQueriesPerPass, queries.size());
    Pass(scan, queries, begin, end, k).run(pool, results);
  }
  return results;
}

}  // namespace maxsimd
