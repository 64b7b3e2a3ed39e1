#include "maxsimd/hyperparameters/unused_arguments.h"

#include <initializer_list>
#include <string_view>

namespace maxsimd {
namespace {

class Notes {
 public:
  explicit Notes(const HyperparameterSet& set) : set_(set) {}

  void add(std::initializer_list<std::string_view> names, std::string_view why) {
    for (const std::string_view name : names) {
      if (!set_.is_set(name) || set_.is_default(name)) continue;
      notes.push_back(std::string(name)
                          .append(": ")
                          .append(shown(set_.get(name)))
                          .append(" has no effect: ")
                          .append(why));
    }
  }

  std::vector<std::string> notes;

 private:
  const HyperparameterSet& set_;
};

}  // namespace

std::vector<std::string> unused_arguments(const HyperparameterSet& set,
                                          const TrainingArguments& arguments) {
  Notes out(set);
  const LossKind loss = arguments.loss.loss;
  if (loss == LossKind::kDistillation) {
    out.add({"columns", "pylate_columns"}, "loss distillation reads query, documents and scores");
    out.add({"temperature", "gather_across_devices", "score_mini_batch_size"},
            "it is for the contrastive losses, this run has loss distillation");
  } else if (arguments.evaluation.eval_distillation.empty()) {
    out.add({"queries", "documents", "n_ways", "allow_missing_documents", "normalize_scores"},
            "it is for loss distillation and eval_distillation");
  }
  if (loss != LossKind::kCachedContrastive) {
    out.add({"mini_batch_size"}, "it is for loss cached_contrastive");
  }
  if (!arguments.saving.early_stopping_patience) {
    out.add({"early_stopping_threshold"}, "early_stopping_patience is not given");
  }
  return std::move(out.notes);
}

}  // namespace maxsimd
