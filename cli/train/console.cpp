#include "cli/train/console.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "cli/error_turn.h"
#include "cli/progress.h"
#include "maxsimd/base/printable.h"

namespace maxsimd::cli {
namespace {

constexpr std::chrono::milliseconds kDrawEvery{100};

/// The sign of what is no number means nothing, and "-nan" would puzzle people.
double shown(double number) {
  return std::isnan(number) ? std::abs(number) : number;
}

std::string text_of(const TrainLog& log) {
  char text[160];
  std::snprintf(text, sizeof(text),
                "step %llu, epoch %.4f: loss %.4f, gradient norm %.3g, next lr %.3g",
                static_cast<unsigned long long>(log.step), log.epoch, shown(log.loss),
                shown(log.grad_norm.value_or(0)), log.learning_rate.value_or(0));
  return text;
}

std::string text_of(const EvalLossLog& log) {
  char text[120];
  std::snprintf(text, sizeof(text), "step %llu: evaluation loss %.4f",
                static_cast<unsigned long long>(log.step), shown(log.loss));
  return log.dataset.empty() ? text : text + std::string(" on ") + log.dataset;
}

std::string text_of(const EvaluatorLog& log) {
  std::string text = "step " + std::to_string(log.step) + ":";
  for (const auto& [name, value] : log.metrics) {
    char number[32];
    std::snprintf(number, sizeof(number), " %.4f", shown(value));
    text += " " + name + number;
  }
  return text;
}

std::string text_of(const TrainSummaryLog& log) {
  char text[200];
  std::snprintf(text, sizeof(text), "trained for %s: %.3g samples/s, %.3g steps/s, mean loss %.4f",
                format_duration(log.train_runtime).c_str(), log.train_samples_per_second,
                log.train_steps_per_second, shown(log.train_loss));
  return text;
}

}  // namespace

bool tell_error(const std::string& message) {
  if (!take_error_turn()) return false;
  std::fprintf(stderr, "maxsimd train: %s\n", printable(message).c_str());
  return true;
}

TrainingConsole::TrainingConsole(bool show_progress)
    : terminal_(show_progress && isatty(STDERR_FILENO) == 1) {}

TrainingConsole::~TrainingConsole() {
  clear();
}

void TrainingConsole::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void TrainingConsole::show(const std::string& line) {
  clear();
  std::fprintf(stderr, "%s\n", printable(line).c_str());
}

bool TrainingConsole::is_time_to_draw() {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_draw_ < kDrawEvery) return false;
  last_draw_ = now;
  return true;
}

void TrainingConsole::on_note(const std::string& text) {
  show("note: " + text);
}

// ", 1234 tokens/s, 0:05 left".
std::string TrainingConsole::pace() const {
  char text[80];
  std::snprintf(text, sizeof(text), ", %.0f tokens/s, %s left", tokens_per_second_,
                format_duration(seconds_left_).c_str());
  return text;
}

void TrainingConsole::on_step(const training::StepReport& report) {
  tokens_per_second_ = report.tokens_per_second;
  seconds_left_ = report.seconds_left;
  if (!is_time_to_draw()) return;
  clear();
  std::fprintf(stderr,
               "step %lld of %lld, epoch %.3f | loss %.4f | lr %.3g | %.0f tokens/s | %s left",
               static_cast<long long>(report.step), static_cast<long long>(report.total_steps),
               report.epoch, shown(report.loss), report.learning_rate, report.tokens_per_second,
               format_duration(report.seconds_left).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void TrainingConsole::on_log(const LogEvent& event, const TrainingRecord&) {
  const std::string text = std::visit([](const auto& log) { return text_of(log); }, event);
  show(std::holds_alternative<TrainLog>(event) ? text + pace() : text);
}

void TrainingConsole::on_work(std::string_view what, size_t done, size_t total) {
  if (!is_time_to_draw()) return;
  clear();
  std::fprintf(stderr, "%.*s: %zu of %zu", static_cast<int>(what.size()), what.data(), done, total);
  std::fflush(stderr);
  drawn_ = true;
}

void TrainingConsole::on_failure(const std::string& message) {
  if (has_failed_) return;
  has_failed_ = true;
  clear();
  has_told_ = tell_error(message);
}

}  // namespace maxsimd::cli
