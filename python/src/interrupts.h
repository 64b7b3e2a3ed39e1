// Long work that Ctrl-C ends. The work runs on a thread of its own without the GIL, while the
// calling thread asks Python for signals and shows how far it is.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <functional>

namespace maxsimd::python {

/// How far the work is, and whether it is still wanted. Any thread may call it.
class Watch {
 public:
  /// To be called by the work every so often. Throws an exception that ends the work when a signal
  /// has come.
  void update(uint64_t done, uint64_t total);
  void check() const;
  /// Whether check() would throw.
  bool is_stopped() const { return is_stopped_.load(std::memory_order_relaxed); }

  uint64_t done() const { return done_.load(std::memory_order_relaxed); }
  uint64_t total() const { return total_.load(std::memory_order_relaxed); }
  void stop() { is_stopped_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> is_stopped_{false};
  std::atomic<uint64_t> done_{0}, total_{0};
};

/// Throws what a signal's handler raises (KeyboardInterrupt). To be called with the GIL, by loops
/// over what is given, each time: it takes nanoseconds.
void check_signals();

/// Runs the work; to be called with the GIL. `progress` is None or called with (done, total), on
/// this thread, about ten times a second and once at the end. Throws what the work throws, and what
/// a signal's handler or `progress` raises (KeyboardInterrupt): the work has ended then.
void run_interruptibly(const std::function<void(Watch& watch)>& work,
                       nanobind::handle progress = nanobind::none());

/// Runs work(begin, end) on [0, count), one part after another, without the GIL; to be called with
/// it. A signal ends the work between two parts. A single part runs on the calling thread: it costs
/// nothing, and is to be short.
void run_in_parts(size_t count, size_t part_size,
                  const std::function<void(size_t begin, size_t end)>& work);

/// How many of `count` items make up a part of a fraction of a second, when all of them together
/// take `products` inner products of two vectors; at least `least`, at most all.
size_t part_size(size_t count, double products, size_t least = 1);

/// The same for items of `num_values` values in all that are copied.
size_t copied_part_size(size_t count, size_t num_values);

}  // namespace maxsimd::python
