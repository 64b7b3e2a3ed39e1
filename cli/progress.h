// A progress bar on stderr for people: share done, rate, time left. Silent when stderr is not a
// terminal. Calls may come from any thread, one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace maxsimd::cli {

class ProgressBar {
 public:
  /// `what` is shown in front ("encoding documents"), `unit` after the rate ("documents").
  ProgressBar(std::string what, std::string unit);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();  // clears the line

  void update(size_t done, size_t total);
  std::function<void(size_t, size_t)> callback() {
    return [this](size_t done, size_t total) { update(done, total); };
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::string unit_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point last_draw_;
};

/// "0:07", "12:40", "3:05:09".
std::string format_duration(double seconds);

}  // namespace maxsimd::cli
