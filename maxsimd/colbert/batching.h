// How a list of tokenized texts is cut into chunks for the encoder.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace maxsimd {

/// Texts [begin, end) that one worker encodes in one pass.
struct Chunk {
  size_t begin = 0;
  size_t end = 0;
};

/// Cuts texts of the given lengths (tokens) into runs of about equal work, in order. Few tokens
/// give one chunk, whose pass then uses all threads itself; many give several chunks a thread.
std::vector<Chunk> cut_into_chunks(std::span<const size_t> lengths, size_t num_threads);

}  // namespace maxsimd
