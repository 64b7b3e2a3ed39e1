#include "python/src/interrupts.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace maxsimd::python {

namespace nb = nanobind;

namespace {

// How long Ctrl-C may wait to be seen.
constexpr std::chrono::milliseconds kPollInterval{50};

// Inner products of vectors of 128 values: 0.1 to 0.3 s on two cores (bench_maxsim).
constexpr double kProductsPerPart = 1e8;

// Values copied: some hundredths of a second.
constexpr size_t kValuesPerPart = size_t{1} << 24;

struct Stopped : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// What the calling thread does meanwhile.
class Caller {
 public:
  Caller(Watch& watch, nb::handle progress) : watch_(watch), progress_(progress) {}

  /// With the GIL. Keeps the first exception and stops the work.
  void look() {
    try {
      check_signals();
      show();
    } catch (nb::python_error& error) {
      watch_.stop();
      if (!raised_) raised_ = std::current_exception();
    }
  }

  const std::exception_ptr& raised() const { return raised_; }

 private:
  void show() {
    if (progress_.is_none() || raised_ || watch_.total() == 0 || watch_.done() == shown_) return;
    shown_ = watch_.done();
    progress_(shown_, watch_.total());
  }

  Watch& watch_;
  nb::handle progress_;
  uint64_t shown_ = 0;
  std::exception_ptr raised_;
};

}  // namespace

void Watch::update(uint64_t done, uint64_t total) {
  done_.store(done, std::memory_order_relaxed);
  total_.store(total, std::memory_order_relaxed);
  check();
}

void Watch::check() const {
  if (is_stopped_.load(std::memory_order_relaxed)) throw Stopped();
}

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

void run_interruptibly(const std::function<void(Watch&)>& work, nb::handle progress) {
  Watch watch;
  Caller caller(watch, progress);
  std::exception_ptr thrown;
  {
    const nb::gil_scoped_release released;
    std::mutex mutex;
    std::condition_variable ended;
    bool has_ended = false;
    std::thread worker([&] {
      try {
        work(watch);
      } catch (...) {
        thrown = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      has_ended = true;
      ended.notify_one();
    });
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, kPollInterval, [&] { return has_ended; })) {
      lock.unlock();
      {
        const nb::gil_scoped_acquire acquired;
        caller.look();
      }
      lock.lock();
    }
    lock.unlock();
    worker.join();
  }
  if (!thrown) caller.look();
  if (caller.raised()) std::rethrow_exception(caller.raised());
  if (thrown) std::rethrow_exception(thrown);
}

void run_in_parts(size_t count, size_t part_size,
                  const std::function<void(size_t begin, size_t end)>& work) {
  if (count == 0) return;
  if (count <= part_size) {
    const nb::gil_scoped_release released;
    return work(0, count);
  }
  run_interruptibly([&](Watch& watch) {
    for (size_t begin = 0; begin < count; begin += part_size) {
      watch.check();
      work(begin, std::min(begin + part_size, count));
    }
  });
}

size_t part_size(size_t count, double products, size_t least) {
  if (products <= kProductsPerPart) return std::max<size_t>(count, 1);
  const double size = static_cast<double>(count) * kProductsPerPart / products;
  return std::max({least, static_cast<size_t>(size), size_t{1}});
}

size_t copied_part_size(size_t count, size_t num_values) {
  return count / (num_values / kValuesPerPart + 1) + 1;
}

}  // namespace maxsimd::python
