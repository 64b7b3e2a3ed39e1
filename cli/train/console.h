// What a training run shows to people on stderr: notes, each log as a line (of the training loss
// with the learning rate, tokens a second and the time left), and where stderr is a terminal a
// progress line in between.
#pragma once

#include <chrono>
#include <string>

#include "maxsimd/training/trainer.h"

namespace maxsimd::cli {

/// The error that ends this process, where it is its turn to tell it (error_turn.h): whether it
/// was.
bool tell_error(const std::string& message);

class TrainingConsole final : public training::TrainingListener {
 public:
  explicit TrainingConsole(bool show_progress);
  ~TrainingConsole() override;

  void on_note(const std::string& text) override;
  void on_step(const training::StepReport& report) override;
  void on_log(const LogEvent& event, const TrainingRecord& record) override;
  void on_work(std::string_view what, size_t done, size_t total) override;
  /// Once, and of several processes in the first that fails.
  void on_failure(const std::string& message) override;
  /// Whether it told that.
  bool has_told() const { return has_told_; }

 private:
  void show(const std::string& line);
  void clear();
  bool is_time_to_draw();
  std::string pace() const;

  bool terminal_;
  bool drawn_ = false;
  bool has_failed_ = false, has_told_ = false;
  std::chrono::steady_clock::time_point last_draw_;
  double tokens_per_second_ = 0;  // as of the last step
  double seconds_left_ = 0;
};

}  // namespace maxsimd::cli
