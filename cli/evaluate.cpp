// maxsimd evaluate MODEL --beir FOLDER | --triplets FILE | ...: retrieval quality.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "cli/evaluate_flags.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/distillation_evaluator.h"
#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/evaluation/triplet_evaluator.h"

namespace maxsimd::cli {
namespace {

constexpr int kNameWidth = 16;

// Now, not after the work.
void make_csv_folder(const std::string& folder) {
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!std::filesystem::is_directory(folder)) {
    throw IoError("--csv " + folder + ": cannot make the folder: " + error.message());
  }
}

/// A bar for each thing that is being done.
class EvaluationBars {
 public:
  EvaluationContext context(const EvaluateFlags& flags) {
    EvaluationContext context{.output_path = flags.csv};
    context.progress = [this](std::string_view what, size_t done, size_t total) {
      if (!bar_ || what != what_) {
        bar_.reset();
        bar_.emplace(what_ = what, "items");
      }
      bar_->update(done, total);
    };
    return context;
  }

 private:
  std::string what_;
  std::optional<ProgressBar> bar_;
};

EncodeFn encoder(const ColBERT& model) {
  return [&model](std::span<const std::string> texts, TextKind kind) {
    return model.encode(texts, kind);
  };
}

EvaluationResult run_evaluator(const Evaluator& evaluator, const EvaluateFlags& flags) {
  tell_notes(evaluator.notes());
  const ColBERT model = load_model(flags.model);
  EvaluationBars bars;
  return evaluator.evaluate(encoder(model), model.pool(), bars.context(flags));
}

EvaluationJson as_json(const EvaluationResult& result) {
  EvaluationJson json;
  for (const MetricValue& metric : result.values) json[metric.name] = metric.value;
  return json;
}

void evaluate_triplet_file(const EvaluateFlags& flags) {
  std::vector<Triplet> triplets;
  read_triplets(flags.triplets, {}, [&](Triplet& t) { triplets.push_back(std::move(t)); });
  const ColBERTTripletEvaluator evaluator(std::move(triplets), {.name = flags.name});
  const ColBERT model = load_model(flags.model);
  EvaluationBars bars;
  const TripletAccuracy counted =
      evaluator.count(encoder(model), model.pool(), bars.context(flags));
  print_evaluation({{"accuracy", counted.accuracy()},
                    {"triplets", counted.num_triplets},
                    {"ties", counted.num_ties}},
                   flags.json);
}

void evaluate_distillation_file(const EvaluateFlags& flags) {
  const DistillationFiles files{.rows = {flags.distillation}};
  const ColBERTDistillationEvaluator evaluator(read_all(DistillationRows::open(files, {})),
                                               {.name = flags.name});
  EvaluationJson result = as_json(run_evaluator(evaluator, flags));
  result["queries"] = evaluator.num_queries();
  print_evaluation(result, flags.json);
}

void evaluate_nano_beir(const EvaluateFlags& flags) {
  const auto evaluator =
      make_evaluator(EvaluatorSpec{.kind = EvaluatorKind::nano_beir,
                                   .path = flags.nano_beir,
                                   .ignore_identical_ids = flags.ignore_identical_ids});
  print_evaluation(as_json(run_evaluator(*evaluator, flags)), flags.json);
}

void evaluate(const EvaluateFlags& flags) {
  make_csv_folder(flags.csv);
  if (!flags.beir.empty()) return evaluate_beir(flags);
  if (!flags.triplets.empty()) return evaluate_triplet_file(flags);
  if (!flags.nano_beir.empty()) return evaluate_nano_beir(flags);
  if (!flags.distillation.empty()) return evaluate_distillation_file(flags);
  const auto evaluator = make_evaluator(flags.evaluators);
  print_evaluation(as_json(run_evaluator(*evaluator, flags)), flags.json);
}

void add_data_flags(CLI::App& verb, EvaluateFlags& flags) {
  auto* data = verb.add_option_group("data", "what to evaluate on");
  data->add_option("--beir", flags.beir,
                   "folder with corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv");
  data->add_option("--triplets", flags.triplets, "query, positive, negative: JSON lines or TSV");
  data->add_option("--nano-beir", flags.nano_beir,
                   "folder of small BEIR sets; PyLate's metrics of each and their mean");
  data->add_option("--distillation", flags.distillation,
                   "query, documents, a teacher's scores: JSON lines; KL divergence");
  data->add_option(
      "--evaluator", flags.evaluators,
      "one of PyLate's evaluators, as in training: triplet:FILE, ir:FOLDER[:SPLIT], "
      "nanobeir:FOLDER, distillation:FILE, JSON, or a file NAME.json; may be repeated");
  data->require_option(1);
}

// A flag that would do nothing is a mistake.
void tie_to_data(CLI::App& verb) {
  CLI::Option* beir = verb.get_option("--beir");
  for (const char* flag :
       {"--split", "--kind", "--codec", "--nbits", "--m", "--ef-construction", "--exact",
        "--n-ivf-probe", "--n-full-scores", "--centroid-score-threshold", "--k-token",
        "--ef-search", "--k", "--metrics", "--run"}) {
    verb.get_option(flag)->needs(beir);
  }
  for (const char* data : {"--triplets", "--distillation", "--evaluator"}) {
    verb.get_option("--ignore-identical-ids")->excludes(verb.get_option(data));
  }
  for (const char* data : {"--nano-beir", "--evaluator"}) {
    verb.get_option("--name")->excludes(verb.get_option(data));
  }
}

}  // namespace

void print_evaluation(const EvaluationJson& result, bool json) {
  if (json) {
    std::puts(result.dump().c_str());
    return;
  }
  int width = kNameWidth;
  for (const auto& [name, value] : result.items()) {
    width = std::max(width, static_cast<int>(name.size()));
  }
  for (const auto& [name, value] : result.items()) {
    if (value.is_number_float()) {
      std::printf("%-*s %.5f\n", width, name.c_str(), value.get<double>());
    } else {
      std::printf("%-*s %s\n", width, name.c_str(), value.dump().c_str());
    }
  }
}

std::string csv_name(const EvaluateFlags& flags) {
  return flags.name.empty() ? folder_name(flags.beir) : flags.name;
}

void add_evaluate(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "evaluate", "retrieval quality: BEIR folders, triplets, NanoBEIR, distillation");
  const auto flags = std::make_shared<EvaluateFlags>();
  add_model_flags(*verb, flags->model);
  add_data_flags(*verb, *flags);
  verb->add_option("--split", flags->split, "qrels to use")->capture_default_str();
  add_form_flags(*verb, flags->form);
  add_parameter_flags(*verb, flags->parameters, false);
  verb->add_option("--k", flags->k, "hits to fetch a query")
      ->check(CLI::Range(size_t{1}, size_t{1} << 40))
      ->capture_default_str();
  verb->add_option("--metrics", flags->metrics,
                   "nDCG@10, Recall@100, MAP@100, MRR@10, P@10, Success@5, ...")
      ->delimiter(',');
  verb->add_flag("--ignore-identical-ids", flags->ignore_identical_ids,
                 "drop a hit whose id is the query's own (BEIR's tool does; off here)");
  verb->add_option("--run", flags->run, "also write the hits as a TREC run");
  verb->add_option("--csv", flags->csv,
                   "folder: append a row to the CSV file of PyLate's evaluator there");
  verb->add_option("--name", flags->name,
                   "of the data: in the CSV file's name (the folder's for --beir)");
  verb->add_flag("--json", flags->json, "one JSON object");
  tie_to_data(*verb);
  verb->callback([flags] { evaluate(*flags); });
}

}  // namespace maxsimd::cli
