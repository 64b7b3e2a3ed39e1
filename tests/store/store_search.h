// The search and the scores that the tests of the store compare it with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/index/index.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/hnsw_search.h"

namespace maxsimd::store_testing {

/// What graphs find: all, when all vectors are asked for. Of fewer as many hits, and no better
/// ones; throws std::logic_error otherwise.
inline std::vector<ScoredDocument> search_graphs(const Index& index, const Embeddings& query,
                                                 const SearchOptions& options, ThreadPool& pool) {
  const auto search = [&](size_t k_token) {
    return search_hnsw(query, index, options, {.k_token = k_token, .ef_search = 1}, pool).at(0);
  };
  const auto all = search(1'000'000'000), some = search(1);
  if (some.size() != all.size()) throw std::logic_error("graphs: too few hits");
  for (size_t h = 0; h < all.size(); ++h) {
    if (ranks_before(some[h], all[h])) throw std::logic_error("graphs: a hit that is too good");
  }
  return all;
}

/// The ids and scores of one query.
inline std::vector<Hit> search_index(const Index& index, const Embeddings& query, size_t k,
                                     const Filter* filter, ThreadPool& pool) {
  std::vector<Hit> hits;
  const SearchOptions options{.k = k, .filter = filter};
  const bool has_graphs = index.settings().kind == IndexKind::hnsw;
  const auto answer = has_graphs ? search_graphs(index, query, options, pool)
                                 : search_exact(query, index, options, pool).at(0);
  for (const ScoredDocument& found : answer) {
    hits.push_back({std::string(index.id(found.document)), found.score});
  }
  return hits;
}

/// MaxSim in double. Exact for small integers; -infinity for a document without rows.
inline float maxsim_of(MatrixView<const float> query, MatrixView<const float> document) {
  if (document.rows == 0) return -std::numeric_limits<float>::infinity();
  double total = 0.0;
  for (size_t q = 0; q < query.rows; ++q) {
    double best = -std::numeric_limits<double>::infinity();
    for (size_t r = 0; r < document.rows; ++r) {
      double dot = 0.0;
      for (size_t d = 0; d < query.cols; ++d) dot += double{query.row(q)[d]} * document.row(r)[d];
      best = std::max(best, dot);
    }
    total += best;
  }
  return static_cast<float>(total);
}

/// The ranking by the book: scores descending, equal ones in the order given; the first k.
inline std::vector<Hit> ranked(std::vector<Hit> hits, size_t k) {
  std::stable_sort(hits.begin(), hits.end(),
                   [](const Hit& a, const Hit& b) { return a.score > b.score; });
  hits.resize(std::min(k, hits.size()));
  return hits;
}

/// Of a score, relative: the tests' vectors are integers, whose scores are exact; what residual
/// codes stand for is not.
inline float tolerance_of(const Index& index) {
  return index.settings().codec == Codec::residual ? 1e-5F : 0.0F;
}

/// Whether two answers are the same but for rounding: place by place like scores, and each hit with
/// the score that `all` says.
inline bool is_close(const std::vector<Hit>& got, const std::vector<Hit>& expected,
                     const std::vector<Hit>& all, float tolerance) {
  const auto like = [&](float a, float b) {
    return a == b || std::fabs(a - b) <= tolerance * std::max(std::fabs(a), 1.0F);
  };
  std::map<std::string, float> scores;
  for (const Hit& hit : all) scores[hit.id] = hit.score;
  if (got.size() != expected.size()) return false;
  for (size_t h = 0; h < got.size(); ++h) {
    const auto known = scores.find(got[h].id);
    if (known == scores.end() || !like(got[h].score, known->second) ||
        !like(got[h].score, expected[h].score)) {
      return false;
    }
    scores.erase(known);  // a hit appears once
  }
  return true;
}

/// What differs between an answer and the best k of all documents' scores, or nothing.
inline std::string difference(const std::vector<Hit>& got, const std::vector<Hit>& all, size_t k,
                              float tolerance = 0.0F) {
  const std::vector<Hit> expected = ranked(all, k);
  if (got == expected || (tolerance > 0.0F && is_close(got, expected, all, tolerance))) return {};
  std::string text =
      "expected " + std::to_string(expected.size()) + " hits, got " + std::to_string(got.size());
  for (size_t h = 0; h < std::min(got.size(), expected.size()); ++h) {
    if (got[h] == expected[h]) continue;
    return text + "; hit " + std::to_string(h) + ": expected " + expected[h].id + " " +
           std::to_string(expected[h].score) + ", got " + got[h].id + " " +
           std::to_string(got[h].score);
  }
  return text;
}

}  // namespace maxsimd::store_testing
