#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace maxsimd::cli {
namespace {

constexpr auto kDrawInterval = std::chrono::milliseconds(100);
constexpr int kBarWidth = 24;

}  // namespace

std::string format_duration(double seconds) {
  const auto total = static_cast<long>(seconds + 0.5);
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof(text), "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  } else {
    std::snprintf(text, sizeof(text), "%ld:%02ld", total / 60, total % 60);
  }
  return text;
}

std::string format_bytes(uint64_t bytes) {
  constexpr double kUnit = 1000.0;
  char text[64];
  auto size = static_cast<double>(bytes);
  if (size < kUnit) {
    std::snprintf(text, sizeof(text), "%.0f bytes", size);
    return text;
  }
  const char* const names[] = {"kB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (size /= kUnit; size >= kUnit && unit < 3; size /= kUnit) ++unit;
  std::snprintf(text, sizeof(text), "%.1f %s", size, names[unit]);
  return text;
}

ProgressBar::ProgressBar(std::string what, std::string unit, std::chrono::milliseconds delay)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      delay_(delay),
      start_(Clock::now()),
      last_draw_(start_ - kDrawInterval) {}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::clear() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

// "120/450, 33.1 documents/s", "1.2 GB/3.4 GB, 80.0 MB/s".
std::string ProgressBar::counts(size_t done, size_t total, double rate) const {
  const auto shown = [](auto value) { return format_bytes(static_cast<uint64_t>(value)); };
  if (unit_ == "bytes") return shown(done) + "/" + shown(total) + ", " + shown(rate) + "/s";
  char text[96];
  std::snprintf(text, sizeof(text), "%zu/%zu, %.1f ", done, total, rate);
  return text + unit_ + "/s";
}

void ProgressBar::update(size_t done, size_t total) {
  if (!terminal_ || total == 0) return;
  total = std::max(total, done);  // the input may have grown since it was counted
  const Clock::time_point now = Clock::now();
  if (now - start_ < delay_) return;
  if (now - last_draw_ < kDrawInterval && done < total) return;
  last_draw_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0.0;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const int filled = static_cast<int>(share * kBarWidth);
  const std::string bar = std::string(static_cast<size_t>(filled), '#') +
                          std::string(static_cast<size_t>(kBarWidth - filled), '.');
  const std::string left =
      rate > 0 ? format_duration(static_cast<double>(total - done) / rate) : std::string("?");
  std::fprintf(stderr, "\r%s [%s] %3.0f %% %s, ETA %s\033[K", what_.c_str(), bar.c_str(),
               share * 100, counts(done, total, rate).c_str(), left.c_str());
  std::fflush(stderr);
}

}  // namespace maxsimd::cli
