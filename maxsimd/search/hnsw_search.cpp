#include "maxsimd/search/hnsw_search.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/graph/rank_key.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/search/damage.h"
#include "maxsimd/search/hnsw_corpus.h"
#include "maxsimd/search/packed_query.h"

namespace maxsimd {
namespace {

// Queries on their way at one time; bounds memory whatever the number of queries, and leaves work
// for many threads.
constexpr size_t kQueriesPerPass = 64;

// Candidates a task scores: some tens of microseconds.
constexpr size_t kCandidatesPerTask = 16;

// While a query has too few candidates so many times the vectors are searched for, as long as they
// are at most this part of all: to find a vector takes as long as to compare some hundreds in a
// row.
constexpr size_t kWidening = 4;
constexpr size_t kLargestShare = 64;

// A vector that a graph found. Compared as integers: a damaged file's similarity may be NaN.
struct Found {
  uint32_t rank;  // ascends with the similarity
  uint32_t part;
  uint32_t row;

  static Found of(const Neighbour& neighbour, size_t part) {
    return {static_cast<uint32_t>(rank_key(neighbour.similarity, 0) >> 32),
            static_cast<uint32_t>(part), neighbour.row};
  }
};

bool is_nearer(const Found& a, const Found& b) {
  if (a.rank != b.rank) return a.rank > b.rank;
  return a.part != b.part ? a.part < b.part : a.row < b.row;
}

struct alignas(64) Worker {
  GraphScratch graph;
  AlignedBuffer<float> maxsim;
  std::vector<Found> found;
};

// One query of a pass.
struct Query {
  PackedQuery packed;
  size_t first_row = 0;              // of the pass's rows
  std::vector<uint32_t> candidates;  // slots, ascending
  std::vector<float> scores;         // of these
};

// Up to kQueriesPerPass queries, stage by stage: each stage is one loop over all of them.
class Pass {
 public:
  Pass(const HnswCorpus& corpus, const Embeddings& queries, size_t begin, size_t end)
      : corpus_(corpus),
        kernels_(corpus.index().kernels()),
        queries_(end - begin),
        stride_(code_stride(Codec::int8, queries.dim)) {
    for (size_t q = 0; q < queries_.size(); ++q) {
      const MatrixView<const float> rows = queries.matrix(begin + q);
      queries_[q].packed.pack(rows, Codec::int8);
      queries_[q].first_row = num_rows();
      codes_.resize(codes_.size() + rows.rows * stride_);
      std::vector<float> scales(rows.rows);  // not needed: each row's neighbours have one
      kernels_.quantize_rows_i8(rows.data, rows.cols, rows.rows, rows.cols,
                                codes_.data() + codes_.size() - rows.rows * stride_, stride_,
                                scales.data());
    }
    found_.resize(num_rows() * corpus.linked().size());
  }

  void run(size_t k, const HnswParameters& parameters, ThreadPool& pool,
           std::vector<std::vector<ScoredDocument>>& results) {
    workers_.resize(pool.num_threads());
    find_candidates(k, parameters, pool);
    score_candidates(pool);
    for (const Query& query : queries_) results.push_back(ranking(query, k));
  }

 private:
  size_t num_rows() const { return codes_.size() / stride_; }

  void find_candidates(size_t k, const HnswParameters& parameters, ThreadPool& pool) {
    std::vector<size_t> open;  // queries that lack candidates
    for (size_t q = 0; q < queries_.size(); ++q) {
      if (queries_[q].packed.num_rows() != 0) open.push_back(q);
    }
    const size_t most = corpus_.num_linked_rows();
    size_t k_token = std::min(parameters.k_token, most);
    do {
      search_graphs(open, {.k = k_token, .ef = parameters.ef_search}, pool);
      pool.parallel_for(open.size(), [&](size_t i, size_t worker) {
        collect(queries_[open[i]], k_token, workers_[worker]);
      });
      std::erase_if(open, [&](size_t q) { return queries_[q].candidates.size() >= k; });
      k_token *= kWidening;
    } while (!open.empty() && k_token <= most / kLargestShare);
    for (const size_t q : open) set_candidates(corpus_.allowed(), queries_[q]);
  }

  // A task is one row in one graph.
  void search_graphs(const std::vector<size_t>& open, const GraphSearchOptions& options,
                     ThreadPool& pool) {
    const size_t num_parts = corpus_.linked().size();
    std::vector<size_t> rows;
    for (const size_t q : open) {
      for (size_t r = 0; r < queries_[q].packed.num_rows(); ++r) {
        rows.push_back(queries_[q].first_row + r);
      }
    }
    pool.parallel_for(rows.size() * num_parts, [&](size_t task, size_t worker) {
      const size_t row = rows[task / num_parts];
      const LinkedPart& part = corpus_.linked()[task % num_parts];
      GraphSearchOptions of_part = options;
      of_part.allowed = &part.rows;
      const auto near = part.graph.search(std::span(codes_).subspan(row * stride_, stride_),
                                          of_part, workers_[worker].graph);
      found_[row * num_parts + task % num_parts].assign(near.begin(), near.end());
    });
  }

  // The documents of each row's k_token nearest of all graphs, and those without a graph.
  void collect(Query& query, size_t k_token, Worker& worker) const {
    Bitmap slots = corpus_.scanned();
    const size_t num_parts = corpus_.linked().size();
    for (size_t r = 0; r < query.packed.num_rows(); ++r) {
      std::vector<Found>& found = worker.found;
      found.clear();
      for (size_t p = 0; p < num_parts; ++p) {
        for (const Neighbour& near : found_[(query.first_row + r) * num_parts + p]) {
          found.push_back(Found::of(near, p));
        }
      }
      if (found.size() > k_token) {
        const auto kept = found.begin() + static_cast<std::ptrdiff_t>(k_token);
        std::nth_element(found.begin(), kept, found.end(), is_nearer);
        found.erase(kept, found.end());
      }
      for (const Found& near : found) slots.add(corpus_.linked()[near.part].slot_of(near.row));
    }
    set_candidates(slots, query);
  }

  static void set_candidates(const Bitmap& slots, Query& query) {
    query.candidates.clear();
    slots.for_each([&](size_t slot) { query.candidates.push_back(static_cast<uint32_t>(slot)); });
  }

  void score_candidates(ThreadPool& pool) {
    struct Task {
      size_t query, first;
    };
    std::vector<Task> tasks;
    for (size_t q = 0; q < queries_.size(); ++q) {
      queries_[q].scores.resize(queries_[q].candidates.size());
      for (size_t first = 0; first < queries_[q].candidates.size(); first += kCandidatesPerTask) {
        tasks.push_back({q, first});
      }
    }
    pool.parallel_for(tasks.size(), [&](size_t task, size_t worker) {
      Query& query = queries_[tasks[task].query];
      const size_t end = std::min(tasks[task].first + kCandidatesPerTask, query.candidates.size());
      for (size_t c = tasks[task].first; c < end; ++c) {
        query.scores[c] = score(query.packed, query.candidates[c], workers_[worker].maxsim);
      }
    });
  }

  float score(const PackedQuery& query, size_t slot, AlignedBuffer<float>& scratch) const {
    const DocumentBlock& part = corpus_.part_of(slot);
    const CodedRows rows = part.rows_of(slot - part.first_slot);
    const float score = query.maxsim(rows, kernels_, scratch);
    if (!std::isfinite(score) && rows.num_rows() != 0) {
      throw_damaged(corpus_.index().folder().string(), part.document(slot - part.first_slot));
    }
    return score;
  }

  std::vector<ScoredDocument> ranking(const Query& query, size_t k) const {
    TopK best(k);
    for (size_t c = 0; c < query.candidates.size(); ++c) {
      const size_t slot = query.candidates[c];
      const DocumentBlock& part = corpus_.part_of(slot);
      best.push({part.document(slot - part.first_slot), query.scores[c]});
    }
    return best.take_sorted();
  }

  const HnswCorpus& corpus_;
  const kernels::KernelTable& kernels_;
  std::vector<Query> queries_;
  size_t stride_;
  std::vector<int8_t> codes_;                  // [rows of all queries, stride]
  std::vector<std::vector<Neighbour>> found_;  // [rows of all queries, parts]
  std::vector<Worker> workers_;
};

void check(const SearchOptions& options, const Index& index) {
  check_search_options(options, index.num_slots());
  if (index.settings().codec == Codec::int8) return;
  throw std::invalid_argument(index.folder().string() +
                              ": search by graphs: expected codec int8, "
                              "found " +
                              std::string(codec_name(index.settings().codec)));
}

}  // namespace

std::vector<std::vector<ScoredDocument>> search_hnsw(const Embeddings& queries, const Index& index,
                                                     const SearchOptions& options,
                                                     ThreadPool& pool) {
  check(options, index);
  Bitmap allowed = index.live();
  if (options.filter != nullptr) allowed.intersect(options.filter->bitmap());
  return search_hnsw(queries, HnswCorpus(index, allowed), options, pool);
}

std::vector<std::vector<ScoredDocument>> search_hnsw(const Embeddings& queries,
                                                     const HnswCorpus& corpus,
                                                     const SearchOptions& options,
                                                     ThreadPool& pool) {
  const Index& index = corpus.index();
  check(options, index);
  check_embeddings(queries, index.settings().dim, {"query"});
  const size_t k = std::min(options.k, corpus.num_allowed());
  if (corpus.linked().empty() || k == corpus.num_allowed()) {
    return search_exact(queries, index, options, pool);
  }
  std::vector<std::vector<ScoredDocument>> results;
  for (size_t begin = 0; begin < queries.size(); begin += kQueriesPerPass) {
    const size_t end = std::min(begin + kQueriesPerPass, queries.size());
    Pass(corpus, queries, begin, end).run(k, options.hnsw, pool, results);
  }
  return results;
}

}  // namespace maxsimd
