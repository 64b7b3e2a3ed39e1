// maxsimd tune INDEX: search parameters chosen by measuring on the user's own queries.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

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

/// The knobs of a kind and where they stand.
struct Knobs {
  const char* first;
  const char* second;
  std::pair<size_t, size_t> (*values)(const TuningPoint& point);
};

Knobs knobs_of(IndexKind kind) {
  if (kind == IndexKind::hnsw) {
    return {"k_token", "ef_search", [](const TuningPoint& point) {
              return std::pair(point.hnsw.k_token, point.hnsw.ef_search);
            }};
  }
  return {"n_ivf_probe", "n_full_scores", [](const TuningPoint& point) {
            return std::pair(point.plaid.n_ivf_probe, point.plaid.n_full_scores);
          }};
}

Json as_json(const Knobs& knobs, const TuningPoint& point) {
  const auto [first, second] = knobs.values(point);
  return {{knobs.first, first},
          {knobs.second, second},
          {"recall", point.recall},
          {"p50_ms", point.p50_ms},
          {"p95_ms", point.p95_ms}};
}

void print_json(const Knobs& knobs, const TuningReport& report) {
  Json curve = Json::array();
  for (const TuningPoint& point : report.curve) curve.push_back(as_json(knobs, point));
  const Json out = {{"chosen", as_json(knobs, report.chosen)},
                    {"keeps_recall", report.keeps_recall},
                    {"judged_recall", report.judged_recall},
                    {"exact_p50_ms", report.exact_p50_ms},
                    {"curve", std::move(curve)}};
  std::puts(out.dump().c_str());
}

// Only settings that are quicker than all of a higher recall are worth a line.
void print_table(const Knobs& knobs, const TuningReport& report) {
  std::printf("%s\t%s\trecall\tp50_ms\tp95_ms\n", knobs.first, knobs.second);
  double best = -1.0;
  for (const TuningPoint& point : report.curve) {
    if (point.recall <= best) continue;
    best = point.recall;
    const auto [first, second] = knobs.values(point);
    std::printf("%zu\t%zu\t%.4f\t%.3f\t%.3f\n", first, second, point.recall, point.p50_ms,
                point.p95_ms);
  }
}

void tell(const Flags& flags, const Knobs& knobs, const TuningReport& report) {
  const TuningPoint& chosen = report.chosen;
  const auto [first, second] = knobs.values(chosen);
  std::fprintf(stderr,
               "%s: %s %zu, %s %zu: recall@%zu %.4f on the %zu queries that "
               "chose, %.4f on %zu others; %.2f ms a query (p50), exact search %.2f ms\n",
               flags.index.c_str(), knobs.first, first, knobs.second, second, flags.tuning.k,
               chosen.recall, report.choosing_queries, report.judged_recall, report.judging_queries,
               chosen.p50_ms, report.exact_p50_ms);
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
  const IndexKind kind = retriever.index().settings().kind;
  const Knobs knobs = knobs_of(kind);
  flags.json ? print_json(knobs, report) : print_table(knobs, report);
  tell(flags, knobs, report);
  if (flags.dry_run) return;
  TunedSearch tuned{
      .k = flags.tuning.k, .recall = report.judged_recall, .documents = retriever.index().size()};
  (kind == IndexKind::hnsw ? std::tie(tuned.k_token, tuned.ef_search)
                           : std::tie(tuned.n_ivf_probe, tuned.n_full_scores)) =
      knobs.values(report.chosen);
  write_tuned_search(flags.index, tuned);
}

}  // namespace

void add_tune(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("tune", "search parameters of an index, measured on queries of yours");
  verb->footer(
      "Prints the settings that no other beats in recall and time, fastest first: n_ivf_probe and "
      "n_full_scores of kind plaid, k_token and ef_search of kind hnsw, then recall, p50_ms, "
      "p95_ms, separated by tabs. Recall is the share of exact "
      "search's first k hits that were found, on every second query; the choice is judged on the "
      "others. The cheapest setting that keeps --recall is stored with the index, and 'search' "
      "uses it where its flags say nothing else, until the index has twice the documents.");
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
