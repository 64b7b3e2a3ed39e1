// The threads that compute. A pool is made at the top (ColBERT::load, a command) and passed down;
// kernels below run single-threaded inside it. (EncodingStream has a thread that drives a pool.)
//
// Idle workers spin for some tens of microseconds before they park, so that the many short loops
// of a single query use all cores. Tasks are handed out one index at a time, so uneven work evens
// out. Results must not depend on which worker runs an index.
//
// Thread rule: parallel_for may be called from any thread; calls of one pool run one after another.
// Called from inside a task of any pool it runs inline, as worker 0.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace maxsimd {

class ThreadPool {
 public:
  /// num_threads counts the caller; 0 means one a processor this process may use. Throws
  /// std::system_error when the system refuses a thread; those that run are ended then.
  explicit ThreadPool(size_t num_threads = 0);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  size_t num_threads() const { return workers_.size() + 1; }

  /// How many workers a parallel_for called here and now would have: 1 inside a task.
  size_t concurrency() const;

  /// Calls task(index, worker) for every index in [0, count), worker in [0, num_threads).
  /// Returns when all are done. The first exception is rethrown here; indices not yet started
  /// are then skipped.
  template <class Task>
  void parallel_for(size_t count, Task&& task) {
    using Plain = std::remove_reference_t<Task>;
    run(
        count,
        [](void* context, size_t index, size_t worker) {
          (*static_cast<Plain*>(context))(index, worker);
        },
        const_cast<void*>(static_cast<const void*>(&task)));
  }

 private:
  using Call = void (*)(void* context, size_t index, size_t worker);

  /// gate_ packs what a worker must know to join a job: its number, whether it may still be joined,
  /// and how many have joined and not left.
  static constexpr uint64_t kActiveMask = 0xFFFF;
  static constexpr uint64_t kOpen = kActiveMask + 1;
  static constexpr uint64_t kNextJob = kOpen << 1;
  static uint64_t job_of(uint64_t gate) { return gate / kNextJob; }

  void stop() noexcept;
  void run(size_t count, Call call, void* context);
  void post_job();
  void wait_for_workers();
  void worker_loop(size_t worker);
  void work(size_t worker) noexcept;
  bool wait_for_job(uint64_t& seen);
  bool try_join(uint64_t& seen);
  void leave_job();

  std::vector<std::thread> workers_;
  std::mutex submit_mutex_;  // one job at a time
  // Written before the job opens, read by those who have joined it.
  Call call_ = nullptr;
  void* context_ = nullptr;
  size_t count_ = 0;
  alignas(64) std::atomic<uint64_t> gate_{0};
  alignas(64) std::atomic<size_t> next_{0};
  // For those who have spun in vain: who parks says so before looking once more.
  alignas(64) std::mutex mutex_;
  std::condition_variable job_posted_;
  std::condition_variable job_left_;
  std::atomic<size_t> num_parked_{0};
  std::atomic<bool> caller_parked_{false};
  std::atomic<bool> stopping_{false};
  std::exception_ptr error_;  // guarded by mutex_ while a job is open
};

/// The processors this process may run on (the affinity mask, not the machine's total).
size_t available_processors() noexcept;

}  // namespace maxsimd
