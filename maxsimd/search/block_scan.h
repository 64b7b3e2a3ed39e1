// The scan behind exact search: every query against every allowed document of a list of blocks,
// whatever holds them.
//
// Thread rule: safe from any thread; the pool runs one scan at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/kernels/kernels.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

struct BlockScan {
  std::span<const DocumentBlock> blocks;  // of one dim, and int8 or not; small ones cost little
  const Bitmap* allowed = nullptr;        // by slot; null allows all
  const kernels::KernelTable& kernels;
  std::string_view source;  // where the blocks come from, for messages
};

/// The best k documents of each query, best first. REQUIRES: queries are checked and have the
/// blocks' dim; k is at least 1 and not far above the number of documents (it sizes the heaps).
/// Throws FormatError when a document with rows has a score that is not finite (damage.h).
std::vector<std::vector<ScoredDocument>> scan_blocks(const BlockScan& scan,
                                                     const Embeddings& queries, size_t k,
                                                     ThreadPool& pool);

}  // namespace maxsimd
