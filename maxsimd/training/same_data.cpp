#include "maxsimd/training/same_data.h"

#include <algorithm>

#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/training/dataset_notes.h"
#include "maxsimd/training/other_run.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Datasets = std::vector<DatasetFiles>;

/// The paths of one argument of the checkpoint's run and of this one.
struct BothPaths {
  const char* argument;
  Names was, is;
};

Names canonical(const Names& paths) {
  Names out;
  for (const std::string& path : paths) out.push_back(fs::weakly_canonical(path).string());
  return out;
}

void refuse_argument(const HyperparameterSet& old, const RunSetup& setup, const fs::path& folder,
                     const char* name) {
  refuse_other_run(folder, name, shown(old.get(name)), shown(setup.hyperparameters.get(name)));
}

void check_names(const HyperparameterSet& old, const RunSetup& setup, const fs::path& folder,
                 const char* argument, const Datasets& was, const Datasets& is) {
  if (std::ranges::equal(was, is, {}, &DatasetFiles::name, &DatasetFiles::name)) return;
  refuse_argument(old, setup, folder, argument);
}

void check_files(const HyperparameterSet& old, const RunSetup& setup, const fs::path& folder,
                 const char* argument, const Datasets& was, const Datasets& is) {
  const bool are_equal = std::ranges::equal(was, is, [](const auto& before, const auto& now) {
    return canonical(before.files) == canonical(now.files);
  });
  if (!are_equal) refuse_argument(old, setup, folder, argument);
}

void check_paths(const HyperparameterSet& old, const RunSetup& setup, const fs::path& folder,
                 const BothPaths& paths) {
  if (canonical(paths.was) == canonical(paths.is)) return;
  refuse_argument(old, setup, folder, paths.argument);
}

void check_sizes(const RunState& before, const RunSetup& setup, const fs::path& folder) {
  const std::vector<DatasetRecord>& datasets = before.record.train_datasets;
  for (size_t i = 0; i < std::min(datasets.size(), setup.train_sizes.size()); ++i) {
    if (datasets[i].size == setup.train_sizes[i]) continue;
    refuse_other_run(folder,
                     "the number of rows of " + dataset_title("train_dataset", setup.train[i]),
                     std::to_string(datasets[i].size), std::to_string(setup.train_sizes[i]));
  }
}

// REQUIRES: data sets of the same names.
void check_rows(const Names& before, const std::vector<Dataset>& datasets,
                const std::string& argument, const fs::path& folder) {
  const Names now = checksums_of(datasets);
  for (size_t i = 0; i < std::min(before.size(), now.size()); ++i) {
    if (before[i] == now[i]) continue;
    refuse_other_run(folder, "the rows of " + dataset_title(argument, datasets[i]) +
                                 " say something else than they did");
  }
}

// A spec says all itself, or is a file.
Names canonical_specs(Names specs) {
  for (std::string& spec : specs) {
    if (is_spec_file(spec)) spec = fs::weakly_canonical(spec).string();
  }
  return specs;
}

// Of the same names: what they say.
void check_spec_files(const RunState& before, const RunSetup& setup, const fs::path& folder) {
  for (const auto& [name, hash] : before.evaluator_files) {
    const auto now = setup.evaluator_files.find(name);
    if (now == setup.evaluator_files.end() || now->second == hash) continue;
    refuse_other_run(folder, "evaluator: " + name + " has been changed since it evaluated");
  }
}

// Of checkpoints without evaluator_checksums.
void check_evaluator_paths(const HyperparameterSet& old, const RunSetup& setup,
                           const fs::path& folder) {
  const EvaluationArguments was = training_arguments(old).evaluation;
  const EvaluationArguments& is = setup.arguments.evaluation;
  const BothPaths all[] = {{"eval_triplets", was.eval_triplets, is.eval_triplets},
                           {"eval_beir", was.eval_beir, is.eval_beir},
                           {"eval_nano_beir", {was.eval_nano_beir}, {is.eval_nano_beir}},
                           {"eval_distillation", was.eval_distillation, is.eval_distillation}};
  for (const BothPaths& paths : all) check_paths(old, setup, folder, paths);
  if (canonical_specs(was.evaluators) != canonical_specs(is.evaluators)) {
    refuse_argument(old, setup, folder, "evaluator");
  }
}

// REQUIRES: evaluators of the same names and metrics (the log is of them).
void check_evaluator_data(const Names& before, const RunSetup& setup, const fs::path& folder) {
  const Names& now = setup.evaluator_checksums;
  if (before.size() != now.size()) refuse_other_run(folder, "it had other evaluators");
  for (size_t i = 0; i < now.size(); ++i) {
    if (before[i] == now[i]) continue;
    const std::string& name = setup.evaluators[i]->name();
    refuse_other_run(folder, "what evaluator " + std::to_string(i + 1) + " (" +
                                 setup.evaluators[i]->class_path() +
                                 (name.empty() ? "" : ", '" + name + "'") +
                                 ") reads says something else than it did when it evaluated");
  }
}

}  // namespace

Names checksums_of(const std::vector<Dataset>& datasets) {
  Names checksums;
  for (const Dataset& dataset : datasets) checksums.push_back(std::to_string(dataset.checksum));
  return checksums;
}

void check_same_training_data(const RunState& before, const HyperparameterSet& old,
                              const RunSetup& setup, const fs::path& folder) {
  const DataArguments was = training_arguments(old).data;
  const DataArguments& is = setup.arguments.data;
  check_names(old, setup, folder, "train_dataset", was.train_dataset, is.train_dataset);
  if (before.train_checksums.empty()) {
    check_files(old, setup, folder, "train_dataset", was.train_dataset, is.train_dataset);
    check_paths(old, setup, folder, {"queries", was.queries, is.queries});
    check_paths(old, setup, folder, {"documents", was.documents, is.documents});
  }
  check_sizes(before, setup, folder);
  check_rows(before.train_checksums, setup.train, "train_dataset", folder);
}

void check_same_evaluation_data(const RunState& before, const HyperparameterSet& old,
                                const RunSetup& setup, const fs::path& folder) {
  const Datasets was = training_arguments(old).data.eval_dataset;
  const Datasets& is = setup.arguments.data.eval_dataset;
  check_names(old, setup, folder, "eval_dataset", was, is);
  if (before.eval_checksums.empty()) {
    check_files(old, setup, folder, "eval_dataset", was, is);
  }
  check_rows(before.eval_checksums, setup.eval, "eval_dataset", folder);
  check_spec_files(before, setup, folder);
  if (before.evaluator_checksums.has_value()) {
    check_evaluator_data(*before.evaluator_checksums, setup, folder);
  } else {
    check_evaluator_paths(old, setup, folder);
  }
}

}  // namespace maxsimd::training
