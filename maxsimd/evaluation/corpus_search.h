// Exact search of texts that are in no index: a corpus is encoded and scanned chunk by chunk, so
// the vectors of one chunk are in memory at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/evaluation/encode_fn.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

struct CorpusSearchOptions {
  size_t k = 100;  // hits a query
  /// Documents encoded and scanned at a time. The hits do not depend on it. Memory: twice their
  /// vectors, 2 x 512 x 180 x 128 float32 = 94 MB for documents of 180 tokens.
  size_t corpus_chunk_size = 512;
  /// Documents done and in all; called every few seconds at most, whatever the number of queries.
  /// An exception from it ends the search.
  std::function<void(size_t done, size_t total)> progress;
};

/// The best documents of each query by MaxSim, best first, ties to the document that comes first;
/// documents are numbered as in the list. Throws std::invalid_argument: k or chunk size 0,
/// embeddings that are not one a text, of another width or not finite; and what `encode` throws.
std::vector<std::vector<ScoredDocument>> search_corpus(const Embeddings& queries,
                                                       std::span<const std::string> documents,
                                                       const EncodeFn& encode,
                                                       const CorpusSearchOptions& options,
                                                       ThreadPool& pool);

}  // namespace maxsimd
