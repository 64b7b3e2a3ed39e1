#include "maxsimd/colbert/batching.h"

#include <algorithm>
#include <numeric>

namespace maxsimd {
namespace {

// Tokens of a chunk at most: weights (42 MB in f32 for 6 layers) are read once a chunk, activations
// (2,700 floats a token) should stay in L2 and L3.
constexpr size_t kChunkTokens = 384;
// Below this a worker spends more time on reading weights than on arithmetic: better share one
// pass.
constexpr size_t kMinChunkTokens = 96;
constexpr size_t kChunksPerThread = 4;  // so that the last ones even out

}  // namespace

std::vector<Chunk> cut_into_chunks(std::span<const size_t> lengths, size_t num_threads) {
  if (lengths.empty()) return {};
  const size_t total = std::accumulate(lengths.begin(), lengths.end(), size_t{0});
  if (total < 2 * kMinChunkTokens * num_threads && total <= kChunkTokens) {
    return {{0, lengths.size()}};
  }
  const size_t target =
      std::clamp(total / (kChunksPerThread * num_threads), kMinChunkTokens, kChunkTokens);
  std::vector<Chunk> chunks;
  size_t begin = 0;
  size_t tokens = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (i > begin && tokens + lengths[i] > target) {
      chunks.push_back({begin, i});
      begin = i;
      tokens = 0;
    }
    tokens += lengths[i];
  }
  chunks.push_back({begin, lengths.size()});
  return chunks;
}

}  // namespace maxsimd
