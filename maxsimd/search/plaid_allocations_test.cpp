// What a plaid query allocates once its scratch is there: its answer, and nothing else. Counts the
// calls of operator new, so these tests have a program of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <numeric>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/plaid_search.h"
#include "maxsimd/search/plaid_testing.h"

namespace {
std::atomic<size_t> num_allocations{0};

void* counted(size_t size, size_t alignment) {
  num_allocations.fetch_add(1, std::memory_order_relaxed);
  void* const bytes = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}
}  // namespace

[[gnu::noinline]] void* operator new(size_t size) {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new[](size_t size) {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* bytes) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete[](void* bytes) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete(void* bytes, size_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete[](void* bytes, size_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete(void* bytes, std::align_val_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete[](void* bytes, std::align_val_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete(void* bytes, size_t, std::align_val_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete[](void* bytes, size_t, std::align_val_t) noexcept {
  std::free(bytes);
}

namespace maxsimd {
namespace {

using index_testing::item_of;
using plaid_testing::ClusteredVectors;
using plaid_testing::codebook_of;
using plaid_testing::TestCorpus;

// The list of answers, and the answer.
constexpr size_t kOfAnAnswer = 2;

/// The most calls of operator new that any one of the queries takes, asked one after the other.
size_t most_allocations(const PlaidSearch& search, const Embeddings& queries, const Bitmap& live,
                        const SearchOptions& options, ThreadPool& pool) {
  size_t most = 0;
  for (size_t q = 0; q < queries.size(); ++q) {
    const Embeddings query = item_of(queries, q);
    const size_t before = num_allocations;
    (void)search.search(query, query.dim, live, options, pool);
    most = std::max(most, num_allocations - before);
  }
  return most;
}

// Scratch grows to what the largest query and task need: with one thread in the first round, with
// more whenever a thread first meets such a task.
TEST(PlaidAllocations, AQueryAllocatesItsAnswerOnly) {
  ClusteredVectors vectors({.dim = 32}, 7);
  const Embeddings documents = vectors.items(index_testing::random_lengths(2000, 1, 60, 8));
  const Embeddings queries = vectors.items({32, 5, 40, 12, 32, 7});
  TestCorpus corpus(codebook_of(documents, 100, 4), documents);
  std::vector<DocId> numbers(documents.size());
  std::iota(numbers.begin(), numbers.end(), DocId{0});
  corpus.add_segment(numbers, true);
  const PlaidSearch search(corpus.view());
  for (const size_t num_threads : {1U, 2U}) {
    ThreadPool pool(num_threads);
    const size_t most_rounds = num_threads == 1 ? 1 : 50;
    for (const size_t n_full_scores : {20U, 300U}) {
      const SearchOptions options = {.k = 10,
                                     .plaid = {.n_ivf_probe = 4, .n_full_scores = n_full_scores}};
      const auto round = [&] {
        return most_allocations(search, queries, corpus.live(), options, pool);
      };
      EXPECT_GE(round(), kOfAnAnswer);
      size_t most = round();
      for (size_t i = 1; i < most_rounds && most > kOfAnAnswer; ++i) most = round();
      EXPECT_EQ(most, kOfAnAnswer) << num_threads << " threads, n_full_scores " << n_full_scores;
    }
  }
}

}  // namespace
}  // namespace maxsimd
