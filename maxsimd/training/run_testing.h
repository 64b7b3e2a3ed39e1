// For the tests of whole runs: a tiny model, some rows, and a listener that stops a run.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/hyperparameters/config_file.h"
#include "maxsimd/training/trainer.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::training {

inline constexpr int64_t kNever = -1;

/// Keeps what it is told, and asks for a stop: after a step, or when on_work says so.
class Witness final : public TrainingListener {
 public:
  explicit Witness(int64_t stop_after = kNever) : stop_after_(stop_after) {
    stop = stop_after == 0;
  }

  void on_note(const std::string& text) override { notes += text + "\n"; }
  void on_step(const StepReport& report) override {
    steps.push_back(report);
    if (report.step == stop_after_) stop = true;
  }

  void on_work(std::string_view what, size_t done, size_t /*total*/) override {
    if (stop_in_work && stop_in_work(what, done)) stop = true;
  }

  std::atomic<bool> stop{false};
  std::function<bool(std::string_view what, size_t done)> stop_in_work;
  std::vector<StepReport> steps;
  std::string notes;

 private:
  int64_t stop_after_;
};

/// name -> bytes of all files of weights below a folder.
inline std::map<std::string, std::string> weights_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> weights;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    weights[entry.path().lexically_relative(folder).string()] = read_file(entry.path());
  }
  return weights;
}

/// The lines of logs.jsonl without what depends on the clock.
inline std::vector<nlohmann::json> logs_of(const std::filesystem::path& folder) {
  std::vector<nlohmann::json> logs;
  std::istringstream lines(read_file(folder / "logs.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    logs.push_back(nlohmann::json::parse(line));
    for (const char* name :
         {"train_runtime", "train_samples_per_second", "train_steps_per_second"}) {
      logs.back().erase(name);
    }
  }
  return logs;
}

/// The events of a kind in a record, in their order.
template <typename Log>
std::vector<Log> logs_of(const TrainingRecord& record) {
  std::vector<Log> out;
  for (const LogEvent& event : record.log) {
    if (const Log* log = std::get_if<Log>(&event)) out.push_back(*log);
  }
  return out;
}

class RunTest : public testing::Test {
 protected:
  RunTest() {
    testing_support::write_tiny_model(folder_.path() / "model");
    write_rows("rows.jsonl", 10);
    write_rows("more.jsonl", 5);
  }

  void write_rows(const std::string& name, size_t count) {
    const std::vector<std::string> words = {"hello", "world", "red",  "blue", "the",
                                            "cat",   "dog",   "runs", "fast", "slow"};
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      const auto word = [&](size_t step) { return words[(i * step + count) % words.size()]; };
      text += "{\"query\": \"" + word(1) + " " + word(3) + "\", \"positive\": \"the " + word(7) +
              " " + word(1) + " a\", \"negative\": \"" + word(9) + " b c\"}\n";
    }
    testing_support::write_text(folder_.path() / name, text);
  }

  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

  HyperparameterSet arguments(const std::string& output, const std::string& more = "") const {
    const std::string text = "model: " + path("model").string() +
                             "\ntrain_dataset: " + path("rows.jsonl").string() +
                             "\noutput_dir: " + path(output).string() +
                             "\nper_device_train_batch_size: 2\nnum_train_epochs: 3\n"
                             "warmup_steps: 3\nsave_steps: 1\nlogging_steps: 2\nthreads: 1\n"
                             "learning_rate: 0.01\ndropout: 0.1\n";
    HyperparameterSet set;
    parse_hyperparameters(text, ConfigFormat::kYaml, "test", set);
    parse_hyperparameters(more, ConfigFormat::kYaml, "test", set);
    return set;
  }

  TrainingOutcome run(const HyperparameterSet& set, Witness& witness) const {
    return train(set, witness, witness.stop);
  }

  std::string error_of(const HyperparameterSet& set) const {
    Witness witness;
    try {
      train(set, witness, witness.stop);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  }

  testing_support::TempFolder folder_;
};

}  // namespace maxsimd::training
