#include "maxsimd/training/run_evaluation.h"

#include "maxsimd/training/batch_loss.h"
#include "maxsimd/training/run_evaluators.h"
#include "maxsimd/training/run_log.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

/// The mean over the rows of a data set; negatives are those of each batch, drawn as in training.
double mean_loss(const EvaluationPlan& plan, size_t place, TrainingListener& listener) {
  const uint64_t size = plan.datasets[place].size();
  BatchLoader loader(plan.model, plan.datasets, evaluation_batches(place, size, plan.sampler));
  double sum = 0;
  uint64_t done = 0;
  while (const std::optional<TokenizedBatch> batch = loader.next()) {
    const double loss = batch_loss(plan.trained, *batch, plan.forward, plan.objective);
    sum += loss * static_cast<double>(batch->rows());
    done += batch->rows();
    listener.on_work("evaluation loss", static_cast<size_t>(done), static_cast<size_t>(size));
  }
  return sum / static_cast<double>(done);
}

void run_evaluators(const EvaluationPlan& plan, TrainingListener& listener,
                    EvaluationNumbers& numbers, std::vector<LogEvent>& events) {
  if (plan.evaluators.empty()) return;
  const ColBERT current = ColBERT::from_weights(
      trained_checkpoint(plan.model, plan.trained.parameters()),
      {.num_threads = plan.model.pool().num_threads(), .precision = plan.precision});
  const EncodeFn encode = [&](std::span<const std::string> texts, TextKind kind) {
    return current.encode(texts, kind);
  };
  const EvaluationContext context{
      .epoch = plan.epoch,
      .steps = plan.step,
      .output_path = plan.output,
      .progress = [&](std::string_view what, size_t done, size_t total) {
        listener.on_work(what, done, total);
      }};
  const std::vector<EvaluatorRecord> records = records_of(plan.evaluators);
  for (size_t e = 0; e < plan.evaluators.size(); ++e) {
    EvaluatorLog event{
        .step = static_cast<uint64_t>(plan.step), .epoch = plan.epoch, .evaluator = e};
    for (const MetricValue& metric :
         plan.evaluators[e]->evaluate(encode, current.pool(), context).values) {
      event.metrics.emplace_back(metric.name, metric.value);
      numbers.emplace(joint_metric_name(records, e, metric.name), metric.value);
    }
    events.push_back(std::move(event));
  }
}

}  // namespace

std::vector<LogEvent> evaluate_all(const EvaluationPlan& plan, TrainingListener& listener,
                                   EvaluationNumbers& numbers) {
  std::vector<LogEvent> events;
  run_evaluators(plan, listener, numbers, events);
  for (size_t d = 0; d < plan.datasets.size(); ++d) {
    const std::string& name = plan.datasets[d].name;
    const double loss = mean_loss(plan, d, listener);
    numbers.emplace(name.empty() ? "loss" : name + "_loss", loss);
    events.push_back(EvalLossLog{.step = static_cast<uint64_t>(plan.step),
                                 .epoch = plan.epoch,
                                 .dataset = name,
                                 .loss = loss});
  }
  return events;
}

}  // namespace maxsimd::training
