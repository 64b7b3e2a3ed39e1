#include "maxsimd/base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace maxsimd {
namespace {

// How long a thread polls before it parks. A query's encoder pass opens a new loop every 20-100
// microseconds; waking a parked thread costs about 50.
constexpr auto kSpinTime = std::chrono::microseconds(100);
constexpr int kPollsPerClockRead = 64;

thread_local bool inside_task = false;

inline void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

template <class Condition>
bool spin_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int poll = 0; poll < kPollsPerClockRead; ++poll) {
      if (condition()) return true;
      pause_cpu();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return condition();
}

}  // namespace

size_t available_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) {
    return static_cast<size_t>(std::max(CPU_COUNT(&set), 1));
  }
  return std::max(std::thread::hardware_concurrency(), 1U);
}

ThreadPool::ThreadPool(size_t num_threads) {
  if (num_threads == 0) num_threads = available_processors();
  workers_.reserve(num_threads - 1);
  try {
    for (size_t worker = 1; worker < num_threads; ++worker) {
      workers_.emplace_back([this, worker] { worker_loop(worker); });
    }
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  stop();
}

size_t ThreadPool::concurrency() const {
  return inside_task ? 1 : num_threads();
}

void ThreadPool::stop() noexcept {
  stopping_.store(true);
  {
    const std::lock_guard lock(mutex_);
    job_posted_.notify_all();
  }
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(size_t count, Call call, void* context) {
  if (count == 0) return;
  if (workers_.empty() || count == 1 || inside_task) {
    for (size_t index = 0; index < count; ++index) call(context, index, 0);
    return;
  }
  const std::lock_guard submit(submit_mutex_);
  call_ = call;
  context_ = context;
  count_ = count;
  error_ = nullptr;
  next_.store(0, std::memory_order_relaxed);
  post_job();
  work(0);
  wait_for_workers();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::post_job() {
  gate_.fetch_add(kNextJob + kOpen);  // closed and left by all since the last job
  if (num_parked_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  job_posted_.notify_all();
}

void ThreadPool::wait_for_workers() {
  const auto all_left = [this] { return (gate_.load() & kActiveMask) == 0; };
  gate_.fetch_and(~kOpen);  // a worker that wakes only now stays out
  if (spin_until(all_left)) return;
  std::unique_lock lock(mutex_);
  caller_parked_.store(true);
  job_left_.wait(lock, all_left);
  caller_parked_.store(false);
}

void ThreadPool::work(size_t worker) noexcept {
  inside_task = true;
  try {
    for (size_t index = next_.fetch_add(1); index < count_; index = next_.fetch_add(1)) {
      call_(context_, index, worker);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
    next_.store(count_);
  }
  inside_task = false;
}

// True when the worker has joined a job it has not seen, which then cannot end without it.
bool ThreadPool::try_join(uint64_t& seen) {
  uint64_t gate = gate_.load();
  while ((gate & kOpen) != 0 && job_of(gate) != seen) {
    if (gate_.compare_exchange_weak(gate, gate + 1)) {
      seen = job_of(gate);
      return true;
    }
  }
  return false;
}

void ThreadPool::leave_job() {
  gate_.fetch_sub(1);
  if (!caller_parked_.load()) return;
  const std::lock_guard lock(mutex_);
  job_left_.notify_one();
}

// Returns false when the pool shuts down; otherwise the worker has joined an open job.
bool ThreadPool::wait_for_job(uint64_t& seen) {
  bool joined = false;
  const auto done = [&] { return (joined = try_join(seen)) || stopping_.load(); };
  if (spin_until(done)) return joined;
  std::unique_lock lock(mutex_);
  num_parked_.fetch_add(1);
  job_posted_.wait(lock, done);
  num_parked_.fetch_sub(1);
  return joined;
}

void ThreadPool::worker_loop(size_t worker) {
  uint64_t seen = 0;
  while (wait_for_job(seen)) {
    work(worker);
    leave_job();
  }
}

}  // namespace maxsimd
