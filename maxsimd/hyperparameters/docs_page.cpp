#include "maxsimd/hyperparameters/docs_page.h"

#include <algorithm>
#include <array>

#include "maxsimd/hyperparameters/choices.h"
#include "maxsimd/hyperparameters/hyperparameter.h"

namespace maxsimd {
namespace {

constexpr std::string_view kHead = R"(# Hyperparameters

<!-- Written by build/release/bin/hyperparameters_page; change maxsimd/hyperparameters/rows_*.cpp. -->

Training takes the hyperparameters of Hugging Face by their names: all of transformers 4.48.2 and
sentence-transformers 4.0.1, which the model cards of PyLate 1.1 list, the newer ones of transformers 5.3 and
sentence-transformers 5.3, and some of our own. Each works, or has no effect by design, or is refused with a reason.

A configuration is one flat mapping, YAML (`.yaml`, `.yml`) or JSON (`.json`):

```yaml
)";

constexpr std::string_view kExample = R"(model: mini
train_dataset: triplets.jsonl.gz      # or a list of files, or {name: file, other: [files]}
eval_triplets: eval.jsonl
output_dir: run
loss: contrastive
temperature: 0.02
per_device_train_batch_size: 128
learning_rate: 3e-6
num_train_epochs: 1
warmup_ratio: 0.1
lr_scheduler_type: linear
bf16: true
eval_strategy: steps
eval_steps: 0.1                       # ten times over the run
save_steps: 0.1
save_total_limit: 2
load_best_model_at_end: true
metric_for_best_model: accuracy
early_stopping_patience: 3
seed: 12
)";

constexpr std::string_view kRules = R"(```

The same as flags, which overrule the file: `--learning_rate 3e-6`, `--learning-rate=3e-6`, `--bf16`,
`--no_dataloader_pin_memory`, `--columns question answer negative`, `--lr_scheduler_kwargs '{"num_cycles": 2}'`.

Words are read by the type that is wanted: `eval_strategy: no` is the strategy and `3e-6` a number, where YAML 1.1
(transformers) sees False and a text. `True`, `None` and `{'a': 1}` are understood as a model card prints them, and `none`
where it can be no text. `--nproc_per_node` and `--config` are flags of the program alone.

What names nothing is refused: `columns` and `prompts` of a data set or a column that is not there, a pattern of
`learning_rate_mapping` that is found in no parameter's name. What the run's loss never reads is noted (`temperature`
with distillation, `n_ways` without).

`evaluation_strategy` is the old name of `eval_strategy`. Anchors, aliases and tags of YAML are refused.

The learning rate follows `lr_scheduler_type`; `lr_scheduler_kwargs` are its parameters:

| lr_scheduler_type | parameters (default) |
| --- | --- |
| `linear`, `constant`, `constant_with_warmup` | |
| `cosine` | `num_cycles` (0.5) |
| `cosine_with_restarts` | `num_cycles` (1) |
| `polynomial` | `lr_end` (1e-07), `power` (1.0) |
| `inverse_sqrt` | `timescale` (the steps of warm-up; 10000 without any) |
| `cosine_with_min_lr` | `min_lr` or `min_lr_rate` (one must be given), `num_cycles` (0.5) |
| `cosine_warmup_with_min_lr` | the same, and `warmup_lr_rate` (None) |
| `warmup_stable_decay` | `num_decay_steps` (must be given), `num_stable_steps` (the rest), `warmup_type` (linear), `decay_type` (cosine), `min_lr_ratio` (0), `num_cycles` (0.5) |
| `reduce_lr_on_plateau` | `mode` (min: for a metric where more is better, set max), `factor` (0.1), `patience` (10), `threshold` (0.0001), `threshold_mode` (rel), `cooldown` (0), `min_lr` (0), `eps` (1e-08) |

Where versions of transformers differ, 4.48.2 is followed: `warmup_steps` overrules `warmup_ratio` (in 5 it is the
other way round). Two things are 5's. Batches that do not fill an accumulation at the end of an epoch are a step that
counts, and their loss is the mean of those there are (4.48.2 takes that step uncounted, so that its runs end before the
epochs that were asked for, and divides by all of `gradient_accumulation_steps`). And `warmup_stable_decay`: 4.48.2 has no
`warmup_type` and `decay_type`, and starts its warm-up at 0 whatever `min_lr_ratio` is. Gradients of accumulated batches
are their mean; accelerate divides once more (docs/decisions/027-accumulated-gradients-are-a-mean.md).

The tables say for each hyperparameter where it comes from if that is not transformers 4.48.2.
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code_list(std::string_view choices) {
  std::string out;
  for (const auto choice : detail::split_choices(choices)) {
    out.append(out.empty() ? "`" : ", `").append(choice).append("`");
  }
  return out;
}

std::string verdict_text(const Hyperparameter& row) {
  std::string out = std::string("**").append(word(row.verdict)).append("**");
  if (row.verdict == HyperparameterVerdict::kNoEffect) return out.append(": ").append(row.note);
  if (row.verdict == HyperparameterVerdict::kRefused) return out.append(": ").append(row.refusal);
  if (row.refused_choices.empty() && !row.refusal.empty()) {
    out.append("; refused: ").append(row.refusal);
  } else if (!row.refused_choices.empty()) {
    out.append("; refused: ").append(code_list(row.refused_choices));
    out.append(" (").append(row.refusal).append(")");
  }
  return out;
}

std::string row_text(const Hyperparameter& row) {
  const bool has_own_note = row.verdict != HyperparameterVerdict::kNoEffect;
  std::string name = std::string("`").append(row.name).append("`");
  if (row.origin != HyperparameterOrigin::kTransformers) {
    name.append(" (").append(word(row.origin)).append(")");
  }
  const std::string standard =
      row.default_text.empty() ? "" : std::string("`").append(row.default_text).append("`");
  return "| " + name + " | " + describe_type(row) + " | " + escaped(standard) + " | " +
         escaped(has_own_note ? row.note : "") + " | " + escaped(verdict_text(row)) + " |\n";
}

}  // namespace

std::string_view example_config() {
  return kExample;
}

std::string hyperparameters_page() {
  std::string page = std::string(kHead).append(kExample).append(kRules);
  std::string_view last;
  for (const Hyperparameter& row : hyperparameters()) {
    if (title(row.group) != last) {
      last = title(row.group);
      page.append("\n## ").append(last).append("\n\n| name | type | default | what it does |");
      page += " verdict |\n| --- | --- | --- | --- | --- |\n";
    }
    page += row_text(row);
  }
  return page;
}

}  // namespace maxsimd
