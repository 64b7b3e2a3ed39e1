// maxsimd tune INDEX: search parameters chosen by measuring on the user's own queries.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/corpus.h"
#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/evaluation/tuning.h"
#include "maxsimd/index/tuned_search.h"

namespace maxsimd::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  ModelFlags model;
  std::string index, queries, query_embeddings;
  TuningOptions tuning;
  bool json = false;
  bool dry_run = false;
};

Embeddings query_vectors(const Flags& flags, const IndexSettings& settings) {
  if (!flags.query_embeddings.empty()) return read_embeddings(flags.query_embeddings).embeddings;
  ModelFlags model = flags.model;
  use_index_model(model, flags.index, settings);
  return load_model(model).encode_queries(read_query_file(flags.queries).texts);
}

Json as_json(const TuningPoint& point) {
  return {{"n_ivf_probe", point.parameters.n_ivf_probe},
          {"n_full_scores", point.parameters.n_full_scores},
          {"recall", point.recall},
          {"p50_ms", point.p50_ms},
          {"p95_ms", point.p95_ms}};
}

void print_json(const TuningReport& report) {
  Json curve = Json::array();
  for (const TuningPoint& point : report.curve) curve.push_back(as_json(point));
  const Json out = {{"chosen", as_json(report.chosen)},
                    {"keeps_recall", report.keeps_recall},
                    {"judged_recall", report.judged_recall},
                    {"exact_p50_ms", report.exact_p50_ms},
                    {"curve", std::move(curve)}};
  std::puts(out.dump().c_str());
}

// Only settings that are quicker than all of a higher recall are worth a line.
void print_table(const TuningReport& report) {
  std::puts("n_ivf_probe\tn_full_scores\trecall\tp50_ms\tp95_ms");
  double best = -1.0;
  for (const TuningPoint& point : report.curve) {
    if (point.recall <= best) continue;
    best = point.recall;
    std::printf("%zu\t%zu\t%.4f\t%.3f\t%.3f\n", point.parameters.n_ivf_probe,
                point.parameters.n_full_scores, point.recall, point.p50_ms, point.p95_ms);
  }
}

void tell(const Flags& flags, const TuningReport& report) {
  const TuningPoint& chosen = report.chosen;
  std::fprintf(stderr,
               "%s: n_ivf_probe %zu, n_full_scores %zu: recall@%zu %.4f on the %zu queries that "
               "chose, %.4f on %zu others; %.2f ms a query (p50), exact search %.2f ms\n",
               flags.index.c_str(), chosen.parameters.n_ivf_probe, chosen.parameters.n_full_scores,
               flags.tuning.k, chosen.recall, report.choosing_queries, report.judged_recall,
               report.judging_queries, chosen.p50_ms, report.exact_p50_ms);
  if (!report.keeps_recall) {
    std::fprintf(stderr, "note: no setting kept a recall of %g; this is the one with the best\n",
                 flags.tuning.recall);
  }
}

void run(Flags& flags) {
  if (flags.queries.empty() == flags.query_embeddings.empty()) {
    throw CLI::ValidationError("give one of --queries FILE and --query-embeddings FILE.npz");
  }
  const Retriever retriever(Index::open(flags.index, {.isa = chosen_isa(flags.model)}));
  const Embeddings queries = query_vectors(flags, retriever.index().settings());
  ThreadPool pool(flags.model.threads);
  TuningReport report;
  {
    ProgressBar bar("measuring", "settings");
    flags.tuning.progress = bar.callback();
    report = tune(retriever, queries, flags.tuning, pool);
  }
  flags.json ? print_json(report) : print_table(report);
  tell(flags, report);
  if (flags.dry_run) return;
  write_tuned_search(flags.index, {.n_ivf_probe = report.chosen.parameters.n_ivf_probe,
                                   .n_full_scores = report.chosen.parameters.n_full_scores,
                                   .k = flags.tuning.k,
                                   .recall = report.judged_recall});
}

}  // namespace

void add_tune(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("tune", "search parameters of an index, measured on queries of yours");
  verb->footer(
      "Prints the settings that no other beats in recall and time, fastest first: n_ivf_probe, "
      "n_full_scores, recall, p50_ms, p95_ms, separated by tabs. Recall is the share of exact "
      "search's first k hits that were found, on every second query; the choice is judged on the "
      "others. The cheapest setting that keeps --recall is stored with the index, and 'search' "
      "uses it where its flags say nothing else. For kind plaid.");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_option("--queries", flags->queries,
                   "a file of queries: JSON lines or TSV, plain or .gz");
  verb->add_option("--query-embeddings", flags->query_embeddings,
                   "or their token vectors in an .npz; needs no model");
  verb->add_option("--recall", flags->tuning.recall, "to keep")
      ->check(CLI::Range(1e-9, 1.0))
      ->capture_default_str();
  verb->add_option("--k", flags->tuning.k, "hits a query")
      ->check(CLI::Range(size_t{1}, size_t{1} << 40))
      ->capture_default_str();
  verb->add_flag("--dry-run", flags->dry_run, "store nothing");
  verb->add_flag("--json", flags->json, "one JSON object, with all settings that were measured");
  add_index_model_flags(*verb, flags->model, ModelSettings::all,
                        "model folder, or 'mini'; default: the one the index was made with");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
