// Evaluators: what training calls every so many steps, and what runs alone (`maxsimd evaluate`).
// Names, metric keys and CSV files are PyLate 1.6's and sentence-transformers' (pylate/evaluation,
// sentence_transformers/evaluation), so that its logs, cards and scripts fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/evaluation/encode_fn.h"

namespace maxsimd {

class Evaluator;

struct MetricValue {
  std::string name;
  double value = 0.0;

  bool operator==(const MetricValue&) const = default;
};

using MetricValues = std::vector<MetricValue>;

/// Where in a training run an evaluation takes place, and what it leaves behind.
struct EvaluationContext {
  double epoch = -1;   // may be a fraction (0.25); -1: not in training
  int64_t steps = -1;  // optimiser steps done; -1: not in training
  /// A folder: each evaluator appends a row to its own CSV file there. Empty: none is written.
  std::filesystem::path output_path;
  /// What is being done, and how much of it is. An exception from it ends the evaluation, whose row
  /// is then missing in the CSV file (the parts of one of several that were done have theirs).
  std::function<void(std::string_view what, size_t done, size_t total)> progress;
};

/// What one evaluator measured. A model card has a block for each.
struct EvaluatorReport {
  const Evaluator* evaluator = nullptr;  // lives as long as the one that was asked
  MetricValues values;
};

struct EvaluationResult {
  /// All metrics in the order of PyLate's dict; no name comes twice.
  MetricValues values;
  /// The same by evaluator, in the order PyLate tells its card: an evaluator of several parts (a
  /// sequence, NanoBEIR) reports each, then itself where it has values of its own.
  std::vector<EvaluatorReport> reports;
};

/// Thread rule: const methods are safe from any thread, but two that append to one CSV file must
/// not run at a time.
class Evaluator {
 public:
  Evaluator() = default;
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;
  virtual ~Evaluator() = default;

  /// The Python class it stands for: "pylate.evaluation.colbert_triplet.ColBERTTripletEvaluator".
  virtual std::string class_path() const = 0;
  /// Its last part: "ColBERTTripletEvaluator".
  std::string class_name() const {
    const std::string path = class_path();
    return path.substr(path.rfind('.') + 1);
  }
  /// The name of the data, as in PyLate: part of the CSV file's name and (but for triplets) of the
  /// metrics'. May be empty.
  virtual const std::string& name() const = 0;
  /// The metrics evaluate() will return, in order: what `metric_for_best_model` may name.
  virtual std::vector<std::string> metric_names() const = 0;
  /// The one that counts when models are compared.
  virtual std::string primary_metric() const = 0;
  virtual bool greater_is_better() const { return true; }
  /// What a card prints as the evaluator's parameters: a JSON object; "{}" for none.
  virtual std::string config() const { return "{}"; }
  /// What a user should know about the data: its size, judgments that nothing can satisfy.
  virtual std::vector<std::string> notes() const { return {}; }

  /// Encodes the texts and measures. The pool scores; `encode` brings its own threads. Throws
  /// IoError (the CSV file), std::invalid_argument (embeddings that are not one a text, of two
  /// widths, not finite), and what `encode` throws.
  virtual EvaluationResult evaluate(const EncodeFn& encode, ThreadPool& pool,
                                    const EvaluationContext& context = {}) const = 0;

 protected:
  /// A result of one report.
  EvaluationResult report(MetricValues values) const {
    return {values, {EvaluatorReport{this, std::move(values)}}};
  }
};

}  // namespace maxsimd
