// A progress bar on stderr for people: share done, rate, time left. Silent when stderr is not a
// terminal. Calls may come from any thread, one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace maxsimd::cli {

/// For work that is over at once as a rule.
inline constexpr std::chrono::milliseconds kBarDelay{1000};

class ProgressBar {
 public:
  /// `what` is shown in front ("encoding documents"), `unit` after the rate ("documents").
  /// "bytes" are shown as kB, MB ... Nothing is shown before `delay`.
  ProgressBar(std::string what, std::string unit,
              std::chrono::milliseconds delay = std::chrono::milliseconds(0));
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();  // clears the line

  void clear();  // the line, for other output; later updates draw it again
  void update(size_t done, size_t total);
  std::function<void(size_t, size_t)> callback() {
    return [this](size_t done, size_t total) { update(done, total); };
  }

 private:
  std::string counts(size_t done, size_t total, double rate) const;

  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::string unit_;
  bool terminal_;
  std::chrono::milliseconds delay_;
  Clock::time_point start_;
  Clock::time_point last_draw_;
};

/// "1.2 GB", "34.5 MB", "870 bytes".
std::string format_bytes(uint64_t bytes);

/// "0:07", "12:40", "3:05:09".
std::string format_duration(double seconds);

}  // namespace maxsimd::cli
