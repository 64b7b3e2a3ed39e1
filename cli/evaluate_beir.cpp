#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/corpus.h"
#include "cli/evaluate_flags.h"
#include "cli/output_path.h"
#include "cli/progress.h"
#include "cli/stored_index.h"
#include "cli/temporary_index.h"
#include "cli/usage.h"
#include "maxsimd/base/elapsed.h"
#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/identical_ids.h"
#include "maxsimd/evaluation/retrieval_evaluator.h"
#include "maxsimd/evaluation/run_evaluation.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/search/retrieve.h"
#include "maxsimd/search/retriever.h"

namespace maxsimd::cli {
namespace {

using Clock = std::chrono::steady_clock;

void tell_about_data(const BeirData& data, const EvaluateFlags& flags) {
  if (data.num_unknown_queries + data.num_unknown_documents > 0) {
    std::fprintf(stderr,
                 "note: the qrels name %zu queries and %zu relevant documents that the files lack "
                 "(for one '%s'); they count as not found\n",
                 data.num_unknown_queries, data.num_unknown_documents,
                 data.unknown_examples.empty() ? "" : data.unknown_examples[0].c_str());
  }
  const size_t shared = count_identical_ids(data.query_ids, data.document_ids);
  const std::string note =
      identical_ids_note(shared, data.query_ids.size(), flags.ignore_identical_ids);
  if (!note.empty()) std::fprintf(stderr, "note: %s\n", note.c_str());
}

// Before the work, not after it.
void check_ids_of_run(const BeirData& data, const EvaluateFlags& flags) {
  if (flags.run.empty()) return;
  for (const std::string& id : data.query_ids) check_run_column(id, "query id");
  for (const std::string& id : data.document_ids) check_run_column(id, "document id");
}

std::vector<Metric> asked_metrics(const EvaluateFlags& flags) {
  std::vector<Metric> metrics;
  for (const std::string& name : flags.metrics) metrics.push_back(parse_metric(name));
  if (metrics.empty()) metrics = default_metrics();
  for (const Metric& metric : metrics) {
    if (metric.cutoff > flags.k) {
      throw std::invalid_argument(metric_name(metric) + " needs --k of at least " +
                                  std::to_string(metric.cutoff) + ", got " +
                                  std::to_string(flags.k));
    }
  }
  return metrics;
}

/// The documents of a data set, encoded and stored in one way or another.
class Store {
 public:
  virtual ~Store() = default;
  virtual std::vector<std::vector<Hit>> retrieve(const Embeddings& query, size_t k) const = 0;
  virtual double bytes_per_token() const = 0;
};

class MemoryStore : public Store {
 public:
  MemoryStore(const ColBERT& model, const Corpus& corpus, Codec codec)
      : model_(model), ids_(corpus.ids), documents_(model.dim(), codec, model.isa()) {
    encode_corpus(model, corpus, documents_);
  }
  std::vector<std::vector<Hit>> retrieve(const Embeddings& query, size_t k) const override {
    return maxsimd::retrieve(query, documents_, ids_, {.k = k}, model_.pool());
  }
  double bytes_per_token() const override {
    return static_cast<double>(documents_.size_bytes()) /
           static_cast<double>(std::max<uint64_t>(documents_.num_tokens(), 1));
  }

 private:
  const ColBERT& model_;
  const std::vector<std::string>& ids_;
  CodedEmbeddings documents_;
};

class IndexStore : public Store {
 public:
  IndexStore(const ColBERT& model, const Corpus& corpus, const IndexSettings& form,
             const SearchOptions& options)
      : model_(model),
        options_(options),
        index_(model, corpus, form),
        retriever_(index_.open(model.isa())) {}
  std::vector<std::vector<Hit>> retrieve(const Embeddings& query, size_t k) const override {
    SearchOptions options = options_;
    options.k = k;
    return retriever_.retrieve(query, options, model_.pool());
  }
  double bytes_per_token() const override { return retriever_.index().bytes_per_token(); }

 private:
  const ColBERT& model_;
  SearchOptions options_;
  TemporaryIndex index_;
  Retriever retriever_;
};

// Only an index holds residuals and graphs.
std::unique_ptr<Store> make_store(const ColBERT& model, const Corpus& corpus,
                                  const IndexSettings& form, const SearchOptions& options) {
  if (form.kind != IndexKind::exact || form.nbits != 0) {
    return std::make_unique<IndexStore>(model, corpus, form, options);
  }
  return std::make_unique<MemoryStore>(model, corpus, form.codec);
}

// The CSV file of PyLate's evaluator holds metrics of the first 100 hits, whatever is printed.
void check_csv(const EvaluateFlags& flags) {
  const size_t needed = largest_cutoff({});
  if (flags.csv.empty() || flags.k >= needed) return;
  throw std::invalid_argument("--csv needs --k of at least " + std::to_string(needed) + ", got " +
                              std::to_string(flags.k));
}

// The row PyLate's evaluator would write, of the run that was made here.
void append_pylate_csv(const BeirData& data, const maxsimd::Run& run, const EvaluateFlags& flags) {
  if (flags.csv.empty()) return;
  std::vector<JudgedRanking> rankings;
  for (const std::string& query : data.query_ids) {
    JudgedRanking ranking = judge_ranking(data.qrels.at(query), run.at(query));
    if (!ranking.ideal.empty()) rankings.push_back(std::move(ranking));
  }
  append_retrieval_csv({.output_path = flags.csv}, csv_name(flags), retrieval_metrics(rankings, {}),
                       {});
}

}  // namespace

void evaluate_beir(const EvaluateFlags& flags) {
  const std::vector<Metric> metrics = asked_metrics(flags);
  check_csv(flags);
  const IndexSettings form = chosen_form(flags.form);
  SearchOptions options;
  as_usage([&] { flags.parameters.apply(form.kind, options); });
  const BeirFolder folder = open_beir(flags.beir, flags.split);
  check_output_is_no_input(flags.run, {folder.corpus, folder.queries, folder.qrels});
  BeirData data = load_beir(flags.beir, flags.split);
  check_ids_of_run(data, flags);
  tell_about_data(data, flags);
  const ColBERT model = load_model(flags.model);

  const auto start = Clock::now();
  const Corpus corpus{std::move(data.document_ids), std::move(data.document_texts)};
  const std::unique_ptr<Store> store = make_store(model, corpus, form, options);
  const double index_seconds = seconds_since(start);
  TimedRun searched;
  {
    ProgressBar bar("searching", "queries");
    searched =
        search_timed(model.encode_queries(data.query_texts), data.query_ids,
                     [&](const Embeddings& query, size_t k) { return store->retrieve(query, k); },
                     {.k = flags.k,
                      .ignore_identical_ids = flags.ignore_identical_ids,
                      .progress = bar.callback()});
  }
  if (!flags.run.empty()) write_run(flags.run, searched.run);
  append_pylate_csv(data, searched.run, flags);

  const RunEvaluation evaluation = evaluate_run(data.qrels, searched.run, metrics);
  EvaluationJson result;
  for (size_t m = 0; m < metrics.size(); ++m) {
    result[metric_name(metrics[m])] = evaluation.means[m];
  }
  result["queries"] = evaluation.num_queries();
  result["index_seconds"] = index_seconds;
  result["search_p50_ms"] = quantile(searched.search_ms, 0.5);
  result["search_p95_ms"] = quantile(searched.search_ms, 0.95);
  result["bytes_per_token"] = store->bytes_per_token();
  print_evaluation(result, flags.json);
}

}  // namespace maxsimd::cli
