// How a list of tokenized texts is cut into chunks for the encoder: by work, not by texts.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace maxsimd {

/// Texts [begin, end) that are encoded in one pass.
struct Chunk {
  size_t begin = 0;
  size_t end = 0;
};

/// The chunks of a list; each text is in one of them.
struct ChunkPlan {
  /// Each a pass of one thread, in the order to start them: the most work first, so that the last
  /// ones are small and the threads end together.
  std::vector<Chunk> single;
  /// Each a pass of all threads together, one after another: what would else keep one thread busy
  /// while the others have nothing to do.
  std::vector<Chunk> shared;
};

/// The work of a text of so many tokens, in tokens of a short text: attention grows with the square
/// of the length.
double encoding_cost(size_t tokens);

/// Plans the passes over texts of the given lengths (tokens; may be 0).
ChunkPlan plan_chunks(std::span<const size_t> lengths, size_t num_threads);

}  // namespace maxsimd
