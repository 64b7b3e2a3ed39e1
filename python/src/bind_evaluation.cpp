// Evaluators, metrics of runs, BEIR folders.
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <stdexcept>

#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/distillation_evaluator.h"
#include "maxsimd/evaluation/nano_beir_evaluator.h"
#include "maxsimd/evaluation/retrieval_evaluator.h"
#include "maxsimd/evaluation/run_evaluation.h"
#include "maxsimd/evaluation/triplet_evaluator.h"
#include "python/src/arrays.h"
#include "python/src/bindings.h"
#include "python/src/thread_pools.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using Texts = std::vector<std::string>;
using EvaluatorPointer = std::unique_ptr<Evaluator>;

void check_lengths(const char* what, size_t expected, size_t got) {
  if (expected == got) return;
  throw std::invalid_argument(std::string(what) + ": expected " + std::to_string(expected) +
                              ", one for each of the others, got " + std::to_string(got));
}

EvaluatorPointer triplet_evaluator(Texts anchors, Texts positives, Texts negatives,
                                   const std::string& name, size_t batch_size) {
  check_lengths("positives", anchors.size(), positives.size());
  check_lengths("negatives", anchors.size(), negatives.size());
  std::vector<Triplet> triplets(anchors.size());
  for (size_t i = 0; i < triplets.size(); ++i) {
    triplets[i] = {std::move(anchors[i]), std::move(positives[i]), {std::move(negatives[i])}};
  }
  return std::make_unique<ColBERTTripletEvaluator>(
      std::move(triplets), TripletEvaluatorOptions{.name = name, .batch_size = batch_size});
}

EvaluatorPointer distillation_evaluator(Texts queries, std::vector<Texts> documents,
                                        std::vector<std::vector<float>> scores,
                                        const DistillationEvaluatorOptions& options) {
  check_lengths("documents", queries.size(), documents.size());
  check_lengths("scores", queries.size(), scores.size());
  std::vector<DistillationRow> rows(queries.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {std::move(queries[i]), std::move(documents[i]), std::move(scores[i])};
  }
  return std::make_unique<ColBERTDistillationEvaluator>(std::move(rows), options);
}

/// Ids and texts of queries and documents, and which documents answer a query.
EvaluatorPointer retrieval_evaluator(Texts query_ids, Texts queries, Texts document_ids,
                                     Texts documents,
                                     const std::map<std::string, Texts>& relevant_docs,
                                     const RetrievalEvaluatorOptions& options) {
  BeirData data{.document_ids = std::move(document_ids),
                .document_texts = std::move(documents),
                .query_ids = std::move(query_ids),
                .query_texts = std::move(queries)};
  for (const auto& [query, relevant] : relevant_docs) {
    for (const std::string& document : relevant) data.qrels[query][document] = 1;
  }
  return std::make_unique<PyLateInformationRetrievalEvaluator>(std::move(data), options);
}

EvaluatorPointer nano_beir_evaluator(const std::string& folder, const Texts& dataset_names,
                                     const RetrievalEvaluatorOptions& options) {
  return std::make_unique<NanoBEIREvaluator>(
      select_nano_beir(find_nano_beir(folder), dataset_names),
      NanoBeirOptions{.cutoffs = options.cutoffs,
                      .ignore_identical_ids = options.ignore_identical_ids,
                      .corpus_chunk_size = options.corpus_chunk_size});
}

/// `encode(texts, is_query)` returns a list of arrays. Metrics by their names, in PyLate's order.
nb::dict evaluate(const Evaluator& self, nb::callable encode, const std::string& output_path,
                  double epoch, int64_t steps, size_t num_threads) {
  const EncodeFn encode_texts = [&](std::span<const std::string> texts, TextKind kind) {
    const nb::gil_scoped_acquire acquired;
    nb::list list;
    for (const std::string& text : texts) list.append(nb::str(text.c_str(), text.size()));
    return to_embeddings(encode(list, kind == TextKind::query), "encode()");
  };
  const EvaluationContext context{.epoch = epoch, .steps = steps, .output_path = output_path};
  const std::shared_ptr<ThreadPool> pool = thread_pool(num_threads);
  EvaluationResult result;
  {
    const nb::gil_scoped_release released;
    result = self.evaluate(encode_texts, *pool, context);
  }
  nb::dict values;
  for (const MetricValue& metric : result.values) values[metric.name.c_str()] = metric.value;
  return values;
}

/// Means over the judged queries. `run`: document ids, best first.
std::vector<double> evaluate_rankings(const Qrels& qrels, const std::map<std::string, Texts>& run,
                                      const Texts& metric_names) {
  std::vector<Metric> metrics;
  for (const std::string& name : metric_names) metrics.push_back(parse_metric(name));
  Run rankings;
  for (const auto& [query, ids] : run) {
    for (const std::string& id : ids) rankings[query].push_back({id, 0.0F});
  }
  return evaluate_run(qrels, rankings, metrics).means;
}

nb::tuple read_beir_folder(const std::string& folder, const std::string& split) {
  BeirData data;
  {
    const nb::gil_scoped_release released;
    data = load_beir(folder, split);
  }
  return nb::make_tuple(data.document_ids, data.document_texts, data.query_ids, data.query_texts,
                        data.qrels);
}

void bind_options(nb::module_& module) {
  nb::class_<RetrievalEvaluatorOptions>(module, "RetrievalEvaluatorOptions")
      .def(nb::init<>())
      .def_rw("name", &RetrievalEvaluatorOptions::name)
      .def_rw("ignore_identical_ids", &RetrievalEvaluatorOptions::ignore_identical_ids)
      .def_rw("corpus_chunk_size", &RetrievalEvaluatorOptions::corpus_chunk_size)
      .def("set_cutoffs", [](RetrievalEvaluatorOptions& self, std::vector<size_t> accuracy,
                             std::vector<size_t> precision_recall, std::vector<size_t> mrr,
                             std::vector<size_t> ndcg, std::vector<size_t> map) {
        self.cutoffs = {std::move(accuracy), std::move(precision_recall), std::move(mrr),
                        std::move(ndcg), std::move(map)};
      });
  nb::class_<DistillationEvaluatorOptions>(module, "DistillationEvaluatorOptions")
      .def(nb::init<>())
      .def_rw("name", &DistillationEvaluatorOptions::name)
      .def_rw("batch_size", &DistillationEvaluatorOptions::batch_size)
      .def_rw("normalize_scores", &DistillationEvaluatorOptions::normalize_scores);
}

}  // namespace

void bind_evaluation(nb::module_& module) {
  bind_options(module);
  nb::class_<Evaluator>(module, "Evaluator")
      .def("evaluate", &evaluate, "encode"_a, "output_path"_a = "", "epoch"_a = -1.0,
           "steps"_a = -1, "num_threads"_a = 0)
      .def_prop_ro("class_path", &Evaluator::class_path)
      .def_prop_ro("name", &Evaluator::name)
      .def_prop_ro("metric_names", &Evaluator::metric_names)
      .def_prop_ro("primary_metric", &Evaluator::primary_metric)
      .def_prop_ro("greater_is_better", &Evaluator::greater_is_better)
      .def_prop_ro("notes", &Evaluator::notes);
  module.def("triplet_evaluator", &triplet_evaluator, "anchors"_a, "positives"_a, "negatives"_a,
             "name"_a, "batch_size"_a);
  module.def("distillation_evaluator", &distillation_evaluator, "queries"_a, "documents"_a,
             "scores"_a, "options"_a);
  module.def("retrieval_evaluator", &retrieval_evaluator, "query_ids"_a, "queries"_a,
             "document_ids"_a, "documents"_a, "relevant_docs"_a, "options"_a);
  module.def("nano_beir_evaluator", &nano_beir_evaluator, "folder"_a, "dataset_names"_a,
             "options"_a);
  module.def("evaluate_rankings", &evaluate_rankings, "qrels"_a, "run"_a, "metrics"_a);
  module.def("read_beir_folder", &read_beir_folder, "folder"_a, "split"_a,
             "(document ids, texts, query ids, texts, {query id: {document id: grade}}).");
}

}  // namespace maxsimd::python
