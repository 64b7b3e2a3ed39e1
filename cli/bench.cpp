// maxsimd bench MODEL: how fast this machine encodes, in each precision.
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <vector>

#include "cli/bench_measure.h"
#include "cli/child_process.h"
#include "cli/corpus.h"
#include "cli/model_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/evaluation/timed_run.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kMostTexts = 1024;  // of a file; enough to measure with

struct Flags {
  ModelFlags model;
  std::string texts, queries;
  double seconds = 5;
  size_t rounds = 3;
  bool json = false;
};

/// The figures of a precision, each the median of all rounds.
struct PrecisionFigures {
  Precision precision;
  Figures figures;
};

// Files are often sorted, by length or by subject. The same order each time.
void shuffle(std::vector<std::string>& texts) {
  std::mt19937_64 random(1);
  for (size_t i = texts.size(); i > 1; --i) std::swap(texts[i - 1], texts[random() % i]);
}

BenchTexts read_texts(const Flags& flags) {
  const auto given_or = [](const std::string& given, const char* sample) {
    return given.empty() ? find_sample(sample).string() : given;
  };
  const std::string documents = given_or(flags.texts, "corpus.jsonl");
  const std::string queries = given_or(flags.queries, "queries.jsonl");
  const ReadOptions options{.check_duplicate_ids = false};
  BenchTexts texts;
  read_documents(documents, options, [&](Record& record) {
    if (texts.documents.size() == kMostTexts) return;
    texts.documents.push_back(document_text(std::move(record)));
  });
  read_queries(queries, options, [&](Record& record) {
    if (texts.queries.size() < kMostTexts) texts.queries.push_back(std::move(record.text));
  });
  if (texts.documents.empty()) throw FormatError(documents + ": no texts in this file");
  if (texts.queries.empty()) throw FormatError(queries + ": no queries in this file");
  shuffle(texts.documents);
  shuffle(texts.queries);
  return texts;
}

std::vector<Precision> chosen_precisions(const Flags& flags) {
  if (const auto one = precision_from_name(flags.model.precision)) return {*one};
  return {Precision::f32, Precision::bf16, Precision::int8};
}

Figures medians(const std::vector<Figures>& rounds) {
  Figures out;
  for (const auto& [name, value] : rounds.front()) {
    std::vector<double> values;
    for (const Figures& figures : rounds) values.push_back(figures.at(name));
    out[name] = quantile(values, 0.5);
  }
  return out;
}

// Rounds go through all precisions, so that what disturbs the machine for a while disturbs all.
std::vector<PrecisionFigures> measure_all(const Flags& flags, BenchPlan plan,
                                          const BenchTexts& texts) {
  const std::vector<Precision> precisions = chosen_precisions(flags);
  std::vector<std::vector<Figures>> measured(precisions.size());
  ProgressBar bar("measuring", "measurements");
  const size_t each = num_measurements(plan.options.num_threads);
  const size_t total = each * precisions.size() * flags.rounds;
  size_t done = 0;
  for (size_t round = 0; round < flags.rounds; ++round) {
    for (size_t p = 0; p < precisions.size(); ++p) {
      plan.options.precision = precisions[p];
      const std::string answer = run_in_child([&] {
        const auto step = [&] { bar.update(++done, total); };  // the child's own copies
        return nlohmann::json(measure(plan, texts, step)).dump();
      });
      measured[p].push_back(nlohmann::json::parse(answer).get<Figures>());
      done += each;
    }
  }
  std::vector<PrecisionFigures> out;
  for (size_t p = 0; p < precisions.size(); ++p) {
    out.push_back({precisions[p], medians(measured[p])});
  }
  return out;
}

/// A line of the table.
struct Row {
  std::string label;
  std::string figure;
  int decimals = 0;
  double scale = 1;
};

std::vector<Row> table_rows(size_t num_threads) {
  const auto on = [](size_t threads) {
    return ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  };
  const std::string all = on(num_threads);
  std::vector<Row> rows = {
      {"documents, tokens/s" + all, "documents_tokens_per_second"},
      {"  measured peak, 10^9 operations/s", "peak_gops"},
      {"  share of it, %", "peak_share", 1, 100},
      {"queries/s in one call" + all, "queries_per_second"},
      {"one query, ms, p50" + all, "query_ms_p50", 2},
      {"one query, ms, p95" + all, "query_ms_p95", 2},
  };
  if (num_threads > 1) {
    const std::string one = on(1);
    rows.insert(rows.begin() + 3, {{"documents, tokens/s" + one, "documents_tokens_per_second"},
                                   {"  measured peak, 10^9 operations/s", "peak_gops"},
                                   {"  share of it, %", "peak_share", 1, 100}});
    for (size_t i = 3; i < 6; ++i) rows[i].figure += kOneThread;
    rows.push_back({"one query, ms, p50" + one, std::string("query_ms_p50") + kOneThread, 2});
    rows.push_back({"one query, ms, p95" + one, std::string("query_ms_p95") + kOneThread, 2});
  }
  rows.push_back({"loading the model, ms", "load_seconds", 0, 1000});
  rows.push_back({"memory at most, MB", "peak_memory_bytes", 0, 1e-6});
  return rows;
}

void print_table(const std::vector<PrecisionFigures>& results, const Flags& flags,
                 const BenchPlan& plan, const BenchTexts& texts) {
  std::printf("%s on %s, medians; rounds: %zu\n", flags.model.model.c_str(),
              std::string(kernels::isa_name(plan.options.isa)).c_str(), flags.rounds);
  std::printf("%zu documents of %.0f tokens on average, %zu queries\n\n%-38s",
              texts.documents.size(), results.front().figures.at("document_tokens"),
              texts.queries.size(), "");
  for (const auto& result : results) {
    std::printf("%10s", std::string(precision_name(result.precision)).c_str());
  }
  std::printf("\n");
  for (const Row& row : table_rows(plan.options.num_threads)) {
    std::printf("%-38s", row.label.c_str());
    for (const auto& result : results) {
      const auto value = result.figures.find(row.figure);
      if (value == result.figures.end()) {
        std::printf("%10s", "-");
      } else {
        std::printf("%10.*f", row.decimals, value->second * row.scale);
      }
    }
    std::printf("\n");
  }
}

void print_json(const std::vector<PrecisionFigures>& results, const Flags& flags,
                const BenchPlan& plan, const BenchTexts& texts) {
  nlohmann::json precisions = nlohmann::json::object();
  for (const auto& result : results) {
    precisions[std::string(precision_name(result.precision))] = result.figures;
  }
  const nlohmann::json out = {{"model", flags.model.model},
                              {"isa", std::string(kernels::isa_name(plan.options.isa))},
                              {"threads", plan.options.num_threads},
                              {"rounds", flags.rounds},
                              {"seconds", flags.seconds},
                              {"documents", texts.documents.size()},
                              {"queries", texts.queries.size()},
                              {"precisions", precisions}};
  std::puts(out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void run(const Flags& flags) {
  if (!std::isfinite(flags.seconds)) {  // which lies in every range for CLI11
    throw CLI::ValidationError("--seconds", "expected a number");
  }
  const size_t threads = flags.model.threads == 0 ? available_processors() : flags.model.threads;
  const BenchPlan plan{.model = find_model(flags.model.model),
                       .options = {.checkpoint = flags.model.overrides,
                                   .num_threads = threads,
                                   .isa = chosen_isa(flags.model)},
                       .seconds = flags.seconds / static_cast<double>(flags.rounds)};
  const BenchTexts texts = read_texts(flags);
  const std::vector<PrecisionFigures> results = measure_all(flags, plan, texts);
  (flags.json ? print_json : print_table)(results, flags, plan, texts);
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "bench", "how fast this machine encodes with a model: each precision, beside its peak");
  verb->footer(
      "A precision is measured in a process of its own, so that memory is its own; rounds go\n"
      "through all precisions, and medians are printed. The peak is what the cores do with the\n"
      "multiply-add instructions of the precision in registers alone, measured beside it; the\n"
      "share counts the big matrix products that the documents need, and nothing else of the\n"
      "work. Other programs that run meanwhile make figures worse.");
  const auto flags = std::make_shared<Flags>();
  flags->model.precision = "all";
  add_model_argument(*verb, flags->model);
  add_thread_flags(*verb, flags->model);
  verb->add_option("--precision", flags->model.precision, "measure one, or all")
      ->check(CLI::IsMember({"f32", "bf16", "int8", "all"}))
      ->capture_default_str();
  verb->add_option("--texts", flags->texts,
                   "documents to encode, as for encode (the first 1024); default: the sample of "
                   "'demo'");
  verb->add_option("--queries", flags->queries,
                   "queries to encode (the first 1024); default: those of the sample");
  verb->add_option("--seconds", flags->seconds,
                   "for each of the up to five measurements of a precision, all rounds together; "
                   "slow models take longer")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  verb->add_option("--rounds", flags->rounds, "times that each precision is measured")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  verb->add_flag("--json", flags->json, "one JSON object");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
