#include "maxsimd/training/run_evaluation.h"

#include <c10/core/GradMode.h>

#include "maxsimd/training/batch_loss.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

/// One evaluation.
class Evaluation {
 public:
  Evaluation(const RunSetup& setup, const ColbertModel& trained, const EvaluationMoment& at,
             TrainingListener& listener)
      : setup_(setup), trained_(trained), at_(at), listener_(listener) {}

  void run_evaluators(EvaluationNumbers& numbers, std::vector<LogEvent>& events) const;
  /// The mean over the rows of a data set; negatives are those of each batch, drawn as in training.
  double mean_loss(size_t dataset) const;

 private:
  ColBERT native_model() const;

  const RunSetup& setup_;
  const ColbertModel& trained_;
  const EvaluationMoment& at_;
  TrainingListener& listener_;
};

double Evaluation::mean_loss(size_t dataset) const {
  const uint64_t size = setup_.eval[dataset].size();
  BatchLoader loader(setup_.model, setup_.eval,
                     evaluation_batches(dataset, size, setup_.eval_sampler));
  const ForwardOptions forward = forward_options(setup_.arguments.precision, false);
  ObjectiveOptions objective = setup_.objective;
  objective.gather = nullptr;  // one process evaluates
  double sum = 0;
  uint64_t done = 0;
  while (const std::optional<TokenizedBatch> batch = loader.next()) {
    const double loss = batch_loss(trained_, *batch, forward, objective);
    sum += loss * static_cast<double>(batch->rows());
    done += batch->rows();
    listener_.on_work("evaluation loss", static_cast<size_t>(done), static_cast<size_t>(size));
  }
  return sum / static_cast<double>(done);
}

/// The native encoder with the weights of now.
ColBERT Evaluation::native_model() const {
  const bool bf16 = setup_.arguments.precision.bf16_full_eval;
  return ColBERT::from_weights(trained_checkpoint(setup_.model, trained_.parameters()),
                               {.num_threads = setup_.model.pool().num_threads(),
                                .precision = bf16 ? Precision::bf16 : Precision::f32});
}

void Evaluation::run_evaluators(EvaluationNumbers& numbers, std::vector<LogEvent>& events) const {
  if (setup_.evaluators.empty()) return;
  const ColBERT model = native_model();
  const EncodeFn encode = [&](std::span<const std::string> texts, TextKind kind) {
    return model.encode(texts, kind);
  };
  const EvaluationContext context{
      .epoch = at_.epoch,
      .steps = at_.step,
      .output_path = setup_.output / "eval",
      .progress = [&](std::string_view what, size_t done, size_t total) {
        listener_.on_work(what, done, total);
      }};
  for (size_t e = 0; e < setup_.evaluators.size(); ++e) {
    EvaluatorLog event{.step = static_cast<uint64_t>(at_.step), .epoch = at_.epoch, .evaluator = e};
    const MetricValues values =
        setup_.evaluators[e]->evaluate(encode, model.pool(), context).values;
    for (size_t m = 0; m < values.size(); ++m) {
      event.metrics.emplace_back(values[m].name, values[m].value);
      numbers.emplace(setup_.metric_names[e][m], values[m].value);
    }
    events.push_back(std::move(event));
  }
}

}  // namespace

std::vector<LogEvent> evaluate_all(const RunSetup& setup, const ColbertModel& trained,
                                   const EvaluationMoment& at, TrainingListener& listener,
                                   EvaluationNumbers& numbers) {
  const c10::NoGradGuard no_grad;
  const Evaluation evaluation(setup, trained, at, listener);
  std::vector<LogEvent> events;
  evaluation.run_evaluators(numbers, events);
  for (size_t d = 0; d < setup.eval.size(); ++d) {
    const std::string& name = setup.eval[d].name;
    const double loss = evaluation.mean_loss(d);
    numbers.emplace(loss_metric_name(name), loss);
    events.push_back(EvalLossLog{
        .step = static_cast<uint64_t>(at.step), .epoch = at.epoch, .dataset = name, .loss = loss});
  }
  return events;
}

}  // namespace maxsimd::training
