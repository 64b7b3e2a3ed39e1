#include "maxsimd/training/run_evaluation.h"

#include <c10/core/GradMode.h>

#include <cmath>

#include "maxsimd/evaluation/evaluator_csv.h"
#include "maxsimd/training/batch_loss.h"
#include "maxsimd/training/divergence.h"
#include "maxsimd/training/loss_names.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

/// Unwinds an evaluation that was asked to stop.
class Stopped : public std::exception {};

/// One evaluation. All of it throws Stopped.
class Evaluation {
 public:
  Evaluation(const RunSetup& setup, const ColbertModel& trained, const EvaluationMoment& at,
             TrainingListener& listener, const std::atomic<bool>& stop)
      : setup_(setup), trained_(trained), at_(at), listener_(listener), stop_(stop) {}

  Evaluated run() const;

 private:
  void run_evaluators(Evaluated& out) const;
  double mean_loss(size_t dataset) const;
  Embeddings encode(const ColBERT& model, std::span<const std::string> texts, TextKind kind) const;
  ColBERT native_model() const;
  void check_stop() const {
    if (stop_) throw Stopped();
  }
  void tell(std::string_view what, size_t done, size_t total) const {
    check_stop();
    listener_.on_work(what, done, total);
  }

  const RunSetup& setup_;
  const ColbertModel& trained_;
  const EvaluationMoment& at_;
  TrainingListener& listener_;
  const std::atomic<bool>& stop_;
};

Evaluated Evaluation::run() const {
  Evaluated out;
  run_evaluators(out);
  for (size_t d = 0; d < setup_.eval.size(); ++d) {
    const std::string& name = setup_.eval[d].name;
    const double loss = mean_loss(d);
    out.numbers.emplace(loss_metric_name(name), loss);
    out.events.push_back(EvalLossLog{.step = static_cast<uint64_t>(at_.step),
                                     .epoch = at_.epoch,
                                     .dataset = name,
                                     .loss = loss});
  }
  return out;
}

/// Over the rows of a data set; negatives are those of each batch, drawn as in training.
double Evaluation::mean_loss(size_t dataset) const {
  const uint64_t size = setup_.eval[dataset].size();
  BatchLoader loader(setup_.model, setup_.eval,
                     evaluation_batches(dataset, size, setup_.eval_sampler));
  const ForwardOptions forward = forward_options(setup_.arguments, false);
  ObjectiveOptions objective = setup_.objective;
  objective.gather = nullptr;  // one process evaluates
  double sum = 0;
  uint64_t done = 0;
  while (const std::optional<TokenizedBatch> batch = loader.next()) {
    const double loss = batch_loss(trained_, *batch, forward, objective);
    sum += loss * static_cast<double>(batch->rows());
    done += batch->rows();
    tell("evaluation loss", static_cast<size_t>(done), static_cast<size_t>(size));
  }
  const double mean = sum / static_cast<double>(done);
  if (std::isfinite(mean)) return mean;
  if (at_.step == 0) {
    throw FormatError(
        "the evaluation loss before the first step is not a number; the model's "
        "weights are damaged or overflow");
  }
  throw Diverged("the evaluation loss after step " + std::to_string(at_.step) + " is not a number");
}

// Weights that are numbers can give vectors that are none. Before the first step they are the
// model's own, which may be damaged.
Embeddings Evaluation::encode(const ColBERT& model, std::span<const std::string> texts,
                              TextKind kind) const {
  try {
    return model.encode(texts, kind, {.progress = [&](size_t, size_t) { check_stop(); }});
  } catch (const FormatError& error) {
    if (at_.step == 0) throw;
    throw Diverged("the evaluation after step " + std::to_string(at_.step) + ": " + error.what());
  }
}

/// The native encoder with the weights of now.
ColBERT Evaluation::native_model() const {
  const bool bf16 = setup_.arguments.precision.bf16_full_eval;
  return ColBERT::from_weights(trained_checkpoint(setup_.model, trained_.parameters()),
                               {.num_threads = setup_.model.pool().num_threads(),
                                .precision = bf16 ? Precision::bf16 : Precision::f32});
}

void Evaluation::run_evaluators(Evaluated& out) const {
  if (setup_.evaluators.empty()) return;
  const ColBERT model = native_model();
  const EncodeFn encode = [&](std::span<const std::string> texts, TextKind kind) {
    return this->encode(model, texts, kind);
  };
  const EvaluationContext context{.epoch = at_.epoch,
                                  .steps = at_.step,
                                  .output_path = evaluation_folder(setup_),
                                  .progress = [&](std::string_view what, size_t done,
                                                  size_t total) { tell(what, done, total); }};
  for (size_t e = 0; e < setup_.evaluators.size(); ++e) {
    EvaluatorLog event{.step = static_cast<uint64_t>(at_.step), .epoch = at_.epoch, .evaluator = e};
    const MetricValues values =
        setup_.evaluators[e]->evaluate(encode, model.pool(), context).values;
    for (size_t m = 0; m < values.size(); ++m) {
      event.metrics.emplace_back(values[m].name, values[m].value);
      out.numbers.emplace(setup_.metric_names[e][m], values[m].value);
    }
    out.events.push_back(std::move(event));
  }
}

}  // namespace

std::optional<Evaluated> evaluate_all(const RunSetup& setup, const ColbertModel& trained,
                                      const EvaluationMoment& at, TrainingListener& listener,
                                      const std::atomic<bool>& stop) {
  const c10::NoGradGuard no_grad;
  try {
    return Evaluation(setup, trained, at, listener, stop).run();
  } catch (const Stopped&) {
    drop_csv_rows_after(at.step - 1, evaluation_folder(setup));
    return std::nullopt;
  }
}

std::filesystem::path evaluation_folder(const RunSetup& setup) {
  return setup.output / "eval";
}

}  // namespace maxsimd::training
