// MaxSim scores and reranking.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <span>
#include <stdexcept>

#include "maxsimd/index/validation.h"
#include "maxsimd/search/rerank.h"
#include "maxsimd/search/scores.h"
#include "python/src/arrays.h"
#include "python/src/bindings.h"
#include "python/src/interrupts.h"
#include "python/src/results.h"
#include "python/src/thread_pools.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

constexpr const char* kQueries = "queries_embeddings";
constexpr const char* kDocuments = "documents_embeddings";
constexpr ItemNames kQueryNames = {.kind = "query", .against = "documents"};

double products(const Embeddings& queries, const Embeddings& documents) {
  return static_cast<double>(queries.num_tokens()) * static_cast<double>(documents.num_tokens());
}

// PyLate multiplies similarities by the masks, so that those of masked rows are 0: as if the rows
// themselves were.
void apply_masks(nb::handle queries_mask, nb::handle documents_mask, Embeddings& queries,
                 Embeddings& documents) {
  if (!queries_mask.is_none()) apply_mask(queries_mask, queries, "queries_mask");
  if (!documents_mask.is_none()) apply_mask(documents_mask, documents, "documents_mask");
}

NumpyArray<float> scores(nb::handle queries_embeddings, nb::handle documents_embeddings,
                         nb::handle queries_mask, nb::handle documents_mask, size_t num_threads) {
  Embeddings queries = to_embeddings(queries_embeddings, kQueries);
  Embeddings documents = to_embeddings(documents_embeddings, kDocuments);
  apply_masks(queries_mask, documents_mask, queries, documents);
  const std::shared_ptr<ThreadPool> pool = thread_pool(num_threads);
  std::vector<float> result;
  const size_t step = part_size(queries.size(), products(queries, documents));
  if (step < queries.size()) check_embeddings(queries, documents.dim, kQueryNames);
  run_in_parts(queries.size(), step, [&](size_t begin, size_t end) {
    const bool is_all = begin == 0 && end == queries.size();
    const Embeddings part = is_all ? Embeddings{} : slice(queries, begin, end);
    const std::vector<float> some = colbert_scores(is_all ? queries : part, documents, *pool);
    result.insert(result.end(), some.begin(), some.end());
  });
  return to_numpy(std::move(result), {queries.size(), documents.size()});
}

/// All of them where there are not as many queries as documents, which is refused.
size_t pairs_per_part(const Embeddings& queries, const Embeddings& documents) {
  const size_t count = queries.size();
  if (documents.size() != count) return std::max<size_t>(count, 1);
  double products = 0;
  for (size_t pair = 0; pair < count; ++pair) {
    products += static_cast<double>(queries.rows(pair)) * static_cast<double>(documents.rows(pair));
  }
  return part_size(count, products);
}

NumpyArray<float> scores_pairwise(nb::handle queries_embeddings, nb::handle documents_embeddings,
                                  size_t num_threads) {
  const Embeddings queries = to_embeddings(queries_embeddings, kQueries);
  const Embeddings documents = to_embeddings(documents_embeddings, kDocuments);
  const std::shared_ptr<ThreadPool> pool = thread_pool(num_threads);
  std::vector<float> result;
  const size_t step = pairs_per_part(queries, documents);
  if (step < queries.size()) {  // parts would count from 0 each
    check_embeddings(queries, documents.dim, kQueryNames);
    check_embeddings(documents, documents.dim, {"document"});
  }
  run_in_parts(queries.size(), step, [&](size_t begin, size_t end) {
    const bool is_all = begin == 0 && end == queries.size();
    const std::vector<float> some =
        is_all ? colbert_scores_pairwise(queries, documents, *pool)
               : colbert_scores_pairwise(slice(queries, begin, end), slice(documents, begin, end),
                                         *pool);
    result.insert(result.end(), some.begin(), some.end());
  });
  return to_numpy(std::move(result), {queries.size()});
}

/// The documents of each entry, stored to be scored.
struct Candidates {
  CodedEmbeddings documents;
  std::vector<std::vector<DocId>> numbers;  // [entries]
};

Candidates candidates_of(const EmbeddingGroups& given) {
  Candidates result{CodedEmbeddings(given.items.dim, Codec::float32), {}};
  const Embeddings& all = given.items;
  const size_t step = copied_part_size(all.size(), all.values.size());
  run_in_parts(all.size(), step, [&](size_t begin, size_t end) {
    if (step >= all.size()) return result.documents.append(all);
    result.documents.append(slice(all, begin, end));
  });
  DocId next = 0;
  for (const size_t count : given.groups) {
    std::vector<DocId>& numbers = result.numbers.emplace_back(count);
    std::iota(numbers.begin(), numbers.end(), next);
    next += count;
  }
  return result;
}

/// rerank() of the candidates of all queries, ended by signals.
std::vector<std::vector<ScoredDocument>> rankings_of(const Embeddings& queries,
                                                     const EmbeddingGroups& documents,
                                                     const RerankOptions& options,
                                                     ThreadPool& pool) {
  // Each query has its own documents.
  const auto shares = static_cast<double>(std::max<size_t>(queries.size(), 1));
  const size_t step = part_size(queries.size(), products(queries, documents.items) / shares);
  check_embeddings(queries, documents.items.dim, kQueryNames);  // parts would count from 0 each
  std::vector<std::vector<ScoredDocument>> rankings;
  const Candidates candidates = candidates_of(documents);
  run_in_parts(queries.size(), step, [&](size_t begin, size_t end) {
    const Embeddings part = slice(queries, begin, end);
    auto some = rerank(part, candidates.documents,
                       std::span(candidates.numbers).subspan(begin, end - begin), options, pool);
    std::move(some.begin(), some.end(), std::back_inserter(rankings));
  });
  return rankings;
}

void check_counts(size_t num_queries, const EmbeddingGroups& documents) {
  if (num_queries == documents.groups.size()) return;
  throw std::invalid_argument(std::string(kDocuments) + ": expected the documents of each of " +
                              std::to_string(num_queries) + " queries, got those of " +
                              std::to_string(documents.groups.size()));
}

NumpyArray<float> kd_scores(nb::handle queries_embeddings, nb::handle documents_embeddings,
                            nb::handle queries_mask, nb::handle documents_mask,
                            size_t num_threads) {
  Embeddings queries = to_embeddings(queries_embeddings, kQueries);
  EmbeddingGroups documents = to_embedding_groups(documents_embeddings, kDocuments);
  check_counts(queries.size(), documents);
  apply_masks(queries_mask, documents_mask, queries, documents.items);
  const size_t ways = documents.groups.empty() ? 0 : documents.groups.front();
  for (const size_t count : documents.groups) {
    if (count != ways) {
      throw std::invalid_argument(std::string(kDocuments) +
                                  ": expected as many documents for each query, got " +
                                  std::to_string(ways) + " and " + std::to_string(count));
    }
  }
  const std::shared_ptr<ThreadPool> pool = thread_pool(num_threads);
  std::vector<float> result(queries.size() * ways);
  if (!result.empty()) {
    for (const std::vector<ScoredDocument>& ranking : rankings_of(queries, documents, {}, *pool)) {
      for (const ScoredDocument& scored : ranking) result[scored.document] = scored.score;
    }
  }
  return to_numpy(std::move(result), {queries.size(), ways});
}

/// `given`: how many ids there are for the documents of each query.
void check_ids(const std::vector<size_t>& given, const EmbeddingGroups& documents) {
  const std::vector<size_t>& groups = documents.groups;
  if (given.size() != groups.size()) {
    throw std::invalid_argument("documents_ids: expected the ids of each of " +
                                std::to_string(groups.size()) + " queries, got those of " +
                                std::to_string(given.size()));
  }
  const auto differ = std::mismatch(given.begin(), given.end(), groups.begin());
  if (differ.first == given.end()) return;
  throw std::invalid_argument("documents_ids: item " +
                              std::to_string(differ.first - given.begin()) +
                              ": expected an id for each of " + std::to_string(*differ.second) +
                              " documents of the query, got " + std::to_string(*differ.first));
}

/// Lists of (number of the candidate, score), best first.
nb::list rerank_numbers(nb::handle queries_embeddings, nb::handle documents_embeddings,
                        const std::vector<size_t>& num_ids, const std::string& masking,
                        size_t num_threads) {
  if (masking != "exact" && masking != "pylate") {
    throw std::invalid_argument("masking: expected 'exact' or 'pylate', got '" + masking + "'");
  }
  const Embeddings queries = to_embeddings(queries_embeddings, kQueries);
  const EmbeddingGroups documents = to_embedding_groups(documents_embeddings, kDocuments);
  check_counts(queries.size(), documents);
  check_ids(num_ids, documents);
  nb::list results;
  if (documents.items.size() == 0) {
    for (size_t q = 0; q < queries.size(); ++q) results.append(nb::list());
    return results;
  }
  const RerankOptions options{.masking = masking == "exact" ? Masking::exact : Masking::pylate};
  const std::shared_ptr<ThreadPool> pool = thread_pool(num_threads);
  const auto rankings = rankings_of(queries, documents, options, *pool);
  DocId first = 0;  // candidate of the query
  for (size_t q = 0; q < rankings.size(); ++q) {
    nb::list ranking;
    for (const ScoredDocument& scored : rankings[q]) {
      ranking.append(nb::make_tuple(scored.document - first, static_cast<double>(scored.score)));
    }
    results.append(ranking);
    first += documents.groups[q];
  }
  return results;
}

}  // namespace

void bind_scores(nb::module_& module) {
  module.def("colbert_scores", &scores, "queries_embeddings"_a.none(),
             "documents_embeddings"_a.none(), "queries_mask"_a = nb::none(),
             "documents_mask"_a = nb::none(), "num_threads"_a = 0,
             "MaxSim of every query with every document, float32 [queries, documents].");
  module.def("colbert_scores_pairwise", &scores_pairwise, "queries_embeddings"_a.none(),
             "documents_embeddings"_a.none(), "num_threads"_a = 0,
             "MaxSim of query i with document i, float32 [queries].");
  module.def("colbert_kd_scores", &kd_scores, "queries_embeddings"_a.none(),
             "documents_embeddings"_a.none(), "queries_mask"_a = nb::none(),
             "documents_mask"_a = nb::none(), "num_threads"_a = 0,
             "MaxSim of each query with its own documents, float32 [queries, documents a query].");
  module.def("rerank", &rerank_numbers, "queries_embeddings"_a.none(),
             "documents_embeddings"_a.none(), "num_ids"_a, "masking"_a = "exact",
             "num_threads"_a = 0,
             "Lists of (number of the candidate, score), best first, one a query.");
}

}  // namespace maxsimd::python
