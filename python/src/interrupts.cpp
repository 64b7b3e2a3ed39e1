#include "python/src/interrupts.h"

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
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
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

}  // namespace maxsimd::python
