// What a training run shows to people on stderr: notes, a progress line (loss, learning rate,
// tokens a second, time left) where stderr is a terminal, and each log as a line.
#pragma once

#include <chrono>
#include <string>

#include "maxsimd/training/trainer.h"

namespace maxsimd::cli {

class TrainingConsole final : public training::TrainingListener {
 public:
  explicit TrainingConsole(bool show_progress);
  ~TrainingConsole() override;

  void on_note(const std::string& text) override;
  void on_step(const training::StepReport& report) override;
  void on_log(const LogEvent& event, const TrainingRecord& record) override;
  void on_work(std::string_view what, size_t done, size_t total) override;

 private:
  void show(const std::string& line);
  void clear();
  bool is_time_to_draw();

  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_draw_;
};

}  // namespace maxsimd::cli
