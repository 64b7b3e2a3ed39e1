#include "maxsimd/colbert/batching.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <queue>

namespace maxsimd {
namespace {

// Tokens of a text for which attention takes as long as everything else. docs/performance.md:
// 7 % of the time at 128 tokens, 15 % at 300, for heads of 32 and a hidden size of 384.
constexpr double kAttentionTokens = 1700;
// Work of a chunk at most: weights (42 MB in f32 for 6 layers) are read once a chunk, activations
// (2,700 floats a token) should stay in L2 and L3.
constexpr double kMaxChunkCost = 384;
// Below this a thread spends more time on reading weights than on arithmetic: better share one
// pass.
constexpr double kMinChunkCost = 96;
// A chunk takes at most this part of what is left for each thread, so that chunks get smaller
// towards the end.
constexpr double kChunksPerThread = 2;
// A shared pass keeps each thread busy for this part of its time; threads wait for each other
// after each matrix product.
constexpr double kSharedEfficiency = 0.9;
// Threads that are idle for less of the time than this are left so, and a gain below it is not
// made.
constexpr double kIdleShare = 0.02;

struct WeighedChunk {
  Chunk chunk;
  double cost = 0;
};

// Runs of texts of falling cost; a text that costs more than the limit is a run of its own.
std::vector<WeighedChunk> cut_into_runs(std::span<const size_t> lengths, double total,
                                        double num_threads) {
  std::vector<WeighedChunk> runs;
  WeighedChunk open;
  double limit = 0;
  double left = total;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const double cost = encoding_cost(lengths[i]);
    if (i == open.chunk.begin || open.cost + cost > limit) {
      if (i > open.chunk.begin) runs.push_back(open);
      left -= open.cost;
      limit = std::clamp(left / (kChunksPerThread * num_threads), kMinChunkCost, kMaxChunkCost);
      open = {{i, i}, 0};
    }
    open.chunk.end = i + 1;
    open.cost += cost;
  }
  runs.push_back(open);
  return runs;
}

// When the last thread is done, if each takes the next run as soon as it is free.
double finish_time(std::span<const WeighedChunk> runs, size_t num_threads) {
  std::vector<double> idle(std::min(num_threads, std::max<size_t>(runs.size(), 1)), 0.0);
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at(std::greater<>(),
                                                                           std::move(idle));
  double last = 0;
  for (const WeighedChunk& run : runs) {
    const double end = free_at.top() + run.cost;
    free_at.pop();
    free_at.push(end);
    last = std::max(last, end);
  }
  return last;
}

// How many of the largest runs all threads should share, for the earliest end of all.
size_t count_shared(std::span<const WeighedChunk> runs, double total, size_t num_threads) {
  const auto threads = static_cast<double>(num_threads);
  size_t best = 0;
  double best_time = finish_time(runs, num_threads);
  double shared_cost = 0;
  const size_t most = std::min(runs.size(), 2 * num_threads);
  for (size_t shared = 1; shared <= most; ++shared) {
    if (best_time * threads * (1 - kIdleShare) <= total) break;
    shared_cost += runs[shared - 1].cost;
    const double time = shared_cost / (threads * kSharedEfficiency) +
                        finish_time(runs.subspan(shared), num_threads);
    if (time < best_time * (1 - kIdleShare)) {
      best = shared;
      best_time = time;
    }
  }
  return best;
}

}  // namespace

double encoding_cost(size_t tokens) {
  const auto length = static_cast<double>(tokens);
  return length + length * length / kAttentionTokens;
}

ChunkPlan plan_chunks(std::span<const size_t> lengths, size_t num_threads) {
  ChunkPlan plan;
  if (lengths.empty()) return plan;
  const auto threads = static_cast<double>(num_threads);
  const double total =
      std::transform_reduce(lengths.begin(), lengths.end(), 0.0, std::plus<>(), encoding_cost);
  if (total < 2 * kMinChunkCost * threads && total <= kMaxChunkCost) {
    (num_threads == 1 ? plan.single : plan.shared).push_back({0, lengths.size()});
    return plan;
  }
  std::vector<WeighedChunk> runs = cut_into_runs(lengths, total, threads);
  std::ranges::stable_sort(runs, std::greater<>(), &WeighedChunk::cost);
  const size_t shared = num_threads == 1 ? 0 : count_shared(runs, total, num_threads);
  for (size_t i = 0; i < runs.size(); ++i) {
    (i < shared ? plan.shared : plan.single).push_back(runs[i].chunk);
  }
  return plan;
}

}  // namespace maxsimd
