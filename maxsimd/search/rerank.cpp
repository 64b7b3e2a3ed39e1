#include "maxsimd/search/rerank.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "maxsimd/index/index.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/search/damage.h"

namespace maxsimd {
namespace {

// Candidates a task scores: enough work to hand out (about 50 microseconds in float32), few enough
// to spread one query's 100 candidates over all threads.
constexpr size_t kCandidatesPerTask = 8;

using Candidates = std::vector<CodedRows>;

struct Task {
  size_t query = 0;
  size_t first = 0;  // candidate
};

std::vector<Task> split(const Embeddings& queries, const std::vector<Candidates>& candidates) {
  std::vector<Task> tasks;
  for (size_t query = 0; query < queries.size(); ++query) {
    if (queries.rows(query) == 0) continue;
    for (size_t first = 0; first < candidates[query].size(); first += kCandidatesPerTask) {
      tasks.push_back({query, first});
    }
  }
  return tasks;
}

size_t longest(const Candidates& candidates) {
  size_t rows = 0;
  for (const CodedRows& candidate : candidates) rows = std::max(rows, candidate.num_rows());
  return rows;
}

// One score a candidate; none for a query without rows.
std::vector<std::vector<float>> score(const Embeddings& queries,
                                      const std::vector<Candidates>& candidates, Masking masking,
                                      const kernels::KernelTable& kernels, ThreadPool& pool) {
  std::vector<std::vector<float>> scores(queries.size());
  std::vector<PackedQuery> packed;
  std::vector<size_t> padded_rows;  // rows PyLate would pad each candidate to
  for (size_t query = 0; query < queries.size(); ++query) {
    const Candidates& of_query = candidates[query];
    if (queries.rows(query) != 0) scores[query].resize(of_query.size());
    packed.emplace_back(queries.matrix(query),
                        of_query.empty() ? Codec::float32 : of_query.front().codec);
    padded_rows.push_back(masking == Masking::pylate ? longest(of_query) : 0);
  }
  const std::vector<Task> tasks = split(queries, candidates);
  std::vector<AlignedBuffer<float>> scratch(pool.num_threads());
  pool.parallel_for(tasks.size(), [&](size_t task, size_t worker) {
    const auto [query, first] = tasks[task];
    const size_t last = std::min(first + kCandidatesPerTask, candidates[query].size());
    for (size_t c = first; c < last; ++c) {
      const CodedRows& rows = candidates[query][c];
      const float floor = rows.num_rows() < padded_rows[query] ? 0.0F : PackedQuery::kNoFloor;
      scores[query][c] = packed[query].maxsim(rows, kernels, scratch[worker], floor);
    }
  });
  return scores;
}

// Positions of the scores, best first; ties keep their order.
std::vector<size_t> ranking(const std::vector<float>& scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

// The ids of all candidates with their scores, best first.
std::vector<std::vector<Hit>> ranked_hits(std::span<const std::vector<std::string>> documents_ids,
                                          const std::vector<std::vector<float>>& scores) {
  std::vector<std::vector<Hit>> hits(scores.size());
  for (size_t query = 0; query < scores.size(); ++query) {
    hits[query].reserve(scores[query].size());
    for (const size_t c : ranking(scores[query])) {
      hits[query].push_back({documents_ids[query][c], scores[query][c]});
    }
  }
  return hits;
}

void check_count(const char* what, size_t expected, size_t got) {
  if (expected == got) return;
  throw std::invalid_argument("rerank: expected " + std::string(what) + " for " +
                              std::to_string(expected) + " queries, got " + std::to_string(got));
}

void check_candidates(size_t query, std::span<const std::string> ids, const Embeddings& documents,
                      size_t dim) {
  if (ids.size() != documents.size()) {
    throw std::invalid_argument("rerank: query " + std::to_string(query) + " has " +
                                std::to_string(documents.size()) + " candidates and " +
                                std::to_string(ids.size()) + " ids");
  }
  check_embeddings(documents, dim, {.kind = "document", .ids = ids, .against = "query"});
}

DocId live_document(const Index& index, size_t query, const std::string& id) {
  const std::optional<DocId> document = index.find(id);
  if (!document) {
    throw std::invalid_argument("rerank: query " + std::to_string(query) + ": no document \"" + id +
                                "\" in " + index.folder().string());
  }
  return *document;
}

void check_scores(const std::vector<float>& scores, const Candidates& candidates,
                  const std::vector<DocId>& documents, const Index& index) {
  for (size_t c = 0; c < scores.size(); ++c) {
    if (!std::isfinite(scores[c]) && candidates[c].num_rows() != 0) {
      throw_damaged(index.folder().string(), documents[c]);
    }
  }
}

}  // namespace

std::vector<std::vector<Hit>> rerank(std::span<const std::vector<std::string>> documents_ids,
                                     const Embeddings& queries,
                                     std::span<const Embeddings> documents,
                                     const RerankOptions& options, ThreadPool& pool,
                                     kernels::Isa isa) {
  check_count("candidate ids", queries.size(), documents_ids.size());
  check_count("candidates", queries.size(), documents.size());
  check_embeddings(queries, queries.dim, {"query"});
  std::vector<Candidates> candidates(queries.size());
  for (size_t query = 0; query < queries.size(); ++query) {
    check_candidates(query, documents_ids[query], documents[query], queries.dim);
    for (size_t c = 0; c < documents[query].size(); ++c) {
      candidates[query].push_back(as_coded_rows(documents[query].matrix(c)));
    }
  }
  const auto scores = score(queries, candidates, options.masking, kernels::kernel_table(isa), pool);
  return ranked_hits(documents_ids, scores);
}

std::vector<std::vector<Hit>> rerank(std::span<const std::vector<std::string>> documents_ids,
                                     const Embeddings& queries, const Index& index,
                                     const RerankOptions& options, ThreadPool& pool) {
  check_count("candidate ids", queries.size(), documents_ids.size());
  check_embeddings(queries, index.settings().dim, {"query"});
  std::vector<std::vector<DocId>> documents(queries.size());
  std::vector<Candidates> candidates(queries.size());
  for (size_t query = 0; query < queries.size(); ++query) {
    for (const std::string& id : documents_ids[query]) {
      documents[query].push_back(live_document(index, query, id));
      candidates[query].push_back(index.rows(documents[query].back()));
    }
  }
  const auto scores = score(queries, candidates, options.masking, index.kernels(), pool);
  for (size_t query = 0; query < queries.size(); ++query) {
    check_scores(scores[query], candidates[query], documents[query], index);
  }
  return ranked_hits(documents_ids, scores);
}

std::vector<std::vector<ScoredDocument>> rerank(const Embeddings& queries,
                                                const CodedEmbeddings& documents,
                                                std::span<const std::vector<DocId>> candidates,
                                                const RerankOptions& options, ThreadPool& pool) {
  check_count("candidates", queries.size(), candidates.size());
  check_embeddings(queries, documents.dim(), {"query"});
  std::vector<Candidates> rows(queries.size());
  for (size_t query = 0; query < queries.size(); ++query) {
    for (const DocId document : candidates[query]) {
      if (document >= documents.size()) {
        throw std::invalid_argument(
            "rerank: query " + std::to_string(query) + ": expected a document number below " +
            std::to_string(documents.size()) + ", got " + std::to_string(document));
      }
      rows[query].push_back(documents.rows(document));
    }
  }
  const auto scores = score(queries, rows, options.masking, documents.kernels(), pool);
  std::vector<std::vector<ScoredDocument>> hits(queries.size());
  for (size_t query = 0; query < queries.size(); ++query) {
    for (const size_t c : ranking(scores[query])) {
      hits[query].push_back({candidates[query][c], scores[query][c]});
    }
  }
  return hits;
}

}  // namespace maxsimd
