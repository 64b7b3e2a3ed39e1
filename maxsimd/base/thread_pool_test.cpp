#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "maxsimd/base/thread_pool.h"

namespace maxsimd {
namespace {

TEST(ThreadPool, RunsEveryIndexOnce) {
  for (const size_t threads : {1U, 2U, 7U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.num_threads(), threads);
    for (const size_t count : {0U, 1U, 2U, 1000U}) {
      std::vector<int> calls(count, 0);
      pool.parallel_for(count, [&](size_t index, size_t worker) {
        EXPECT_LT(worker, threads);
        ++calls[index];
      });
      EXPECT_EQ(std::accumulate(calls.begin(), calls.end(), 0), static_cast<int>(count));
    }
  }
}

TEST(ThreadPool, ManyShortLoops) {
  ThreadPool pool(3);
  std::atomic<size_t> total{0};
  for (int round = 0; round < 2000; ++round) {
    pool.parallel_for(5, [&](size_t index, size_t) { total += index; });
  }
  EXPECT_EQ(total.load(), 2000U * 10U);
}

TEST(ThreadPool, HasOneWorkerInsideATask) {
  ThreadPool pool(3);
  EXPECT_EQ(pool.concurrency(), 3);
  pool.parallel_for(2, [&](size_t, size_t) { EXPECT_EQ(pool.concurrency(), 1); });
}

#if !defined(MAXSIMD_ADDRESS_SANITIZER) && !defined(MAXSIMD_THREAD_SANITIZER)  // they need the address space
// The threads that did start used to wait for ever, and the constructor with them.
TEST(ThreadPool, OfMoreThreadsThanTheSystemGivesIsAnErrorAndEnds) {
  const auto starve = [] {
    const rlimit limit{size_t{1} << 29, size_t{1} << 29};
    ::setrlimit(RLIMIT_AS, &limit);
    try {
      ThreadPool pool(5000);
    } catch (const std::system_error&) {
      std::_Exit(0);
    }
    std::_Exit(1);
  };
  EXPECT_EXIT(starve(), testing::ExitedWithCode(0), "");
}
#endif

TEST(ThreadPool, WakesParkedWorkers) {
  ThreadPool pool(2);
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> calls{0};
    pool.parallel_for(8, [&](size_t, size_t) { ++calls; });
    EXPECT_EQ(calls.load(), 8);
  }
}

TEST(ThreadPool, FirstExceptionReachesTheCallerAndThePoolLivesOn) {
  ThreadPool pool(4);
  const auto failing = [&] {
    pool.parallel_for(100, [](size_t index, size_t) {
      if (index == 13) throw std::invalid_argument("thirteen");
    });
  };
  EXPECT_THROW(failing(), std::invalid_argument);
  std::atomic<int> calls{0};
  pool.parallel_for(100, [&](size_t, size_t) { ++calls; });
  EXPECT_EQ(calls.load(), 100);
}

TEST(ThreadPool, NestedCallsRunInline) {
  ThreadPool pool(2);
  std::atomic<int> calls{0};
  pool.parallel_for(
      4, [&](size_t, size_t) { pool.parallel_for(5, [&](size_t, size_t) { ++calls; }); });
  EXPECT_EQ(calls.load(), 20);
}

TEST(ThreadPool, CallersFromSeveralThreads) {
  ThreadPool pool(2);
  std::atomic<int> calls{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        pool.parallel_for(10, [&](size_t, size_t) { ++calls; });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(calls.load(), 4 * 50 * 10);
}

}  // namespace
}  // namespace maxsimd
