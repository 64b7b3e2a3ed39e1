#include "maxsimd/evaluation/retrieval_evaluator.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "maxsimd/evaluation/corpus_search.h"
#include "maxsimd/evaluation/evaluator_csv.h"
#include "maxsimd/evaluation/identical_ids.h"

namespace maxsimd {
namespace {

bool has_relevant(const Qrels& qrels, const std::string& query) {
  const auto judged = qrels.find(query);
  return judged != qrels.end() &&
         std::ranges::any_of(judged->second, [](const auto& entry) { return entry.second > 0; });
}

void drop_queries_without_relevant(BeirData& data) {
  size_t kept = 0;
  for (size_t query = 0; query < data.query_ids.size(); ++query) {
    if (!has_relevant(data.qrels, data.query_ids[query])) continue;
    if (kept != query) {
      data.query_ids[kept] = std::move(data.query_ids[query]);
      data.query_texts[kept] = std::move(data.query_texts[query]);
    }
    ++kept;
  }
  data.query_ids.resize(kept);
  data.query_texts.resize(kept);
}

std::vector<Hit> named(const std::vector<ScoredDocument>& ranking,
                       const std::vector<std::string>& ids) {
  std::vector<Hit> hits;
  hits.reserve(ranking.size());
  for (const ScoredDocument& hit : ranking) hits.push_back({ids[hit.document], hit.score});
  return hits;
}

}  // namespace

std::string maxsim_prefix(const std::string& name) {
  return name.empty() ? "MaxSim_" : name + "_MaxSim_";
}

void append_retrieval_csv(const EvaluationContext& context, const std::string& name,
                          const MetricValues& values, const RetrievalCutoffs& cutoffs) {
  const RetrievalCsvRow row = retrieval_csv_row(values, cutoffs);
  append_csv(context, {"Information-Retrieval_evaluation" + file_name_part(name) + "_results.csv",
                       row.headers, row.values});
}

PyLateInformationRetrievalEvaluator::PyLateInformationRetrievalEvaluator(
    BeirData data, RetrievalEvaluatorOptions options)
    : data_(std::move(data)), options_(std::move(options)) {
  check_cutoffs(options_.cutoffs);
  file_name_part(options_.name);
  if (options_.corpus_chunk_size == 0) {
    throw std::invalid_argument(
        "retrieval evaluator: corpus_chunk_size: expected at least 1, "
        "got 0");
  }
  drop_queries_without_relevant(data_);
  if (data_.query_ids.empty() || data_.document_ids.empty()) {
    throw std::invalid_argument(
        "retrieval evaluator '" + options_.name + "': " + std::to_string(data_.query_ids.size()) +
        " queries with a relevant judgment and " + std::to_string(data_.document_ids.size()) +
        " documents; expected at least one of each");
  }
}

std::vector<std::string> PyLateInformationRetrievalEvaluator::metric_names() const {
  std::vector<std::string> names = retrieval_metric_names(options_.cutoffs);
  for (std::string& metric : names) metric = maxsim_prefix(options_.name) + metric;
  return names;
}

std::string PyLateInformationRetrievalEvaluator::primary_metric() const {
  return maxsim_prefix(options_.name) + "ndcg@" +
         std::to_string(std::ranges::max(options_.cutoffs.ndcg_at_k));
}

std::vector<std::string> PyLateInformationRetrievalEvaluator::notes() const {
  const std::string of = options_.name.empty() ? "" : options_.name + ": ";
  std::vector<std::string> notes = {of + std::to_string(data_.query_ids.size()) + " queries, " +
                                    std::to_string(data_.document_ids.size()) + " documents"};
  if (data_.num_unknown_queries > 0) {
    notes.push_back(of + std::to_string(data_.num_unknown_queries) +
                    " judged queries have no text; they are left out");
  }
  if (data_.num_unknown_documents > 0) {
    notes.push_back(of + std::to_string(data_.num_unknown_documents) +
                    " relevant documents are not in the corpus; they count as not found");
  }
  const size_t shared = count_identical_ids(data_.query_ids, data_.document_ids);
  std::string note =
      identical_ids_note(shared, data_.query_ids.size(), options_.ignore_identical_ids);
  if (!note.empty()) notes.push_back(of + std::move(note));
  return notes;
}

std::vector<JudgedRanking> PyLateInformationRetrievalEvaluator::rank(
    const EncodeFn& encode, ThreadPool& pool, const EvaluationContext& context) const {
  const Embeddings queries = encode(data_.query_texts, TextKind::query);
  if (queries.size() != data_.query_ids.size()) {
    throw std::invalid_argument("retrieval evaluator: expected embeddings of " +
                                std::to_string(data_.query_ids.size()) + " queries, got " +
                                std::to_string(queries.size()));
  }
  const size_t k = largest_cutoff(options_.cutoffs);
  CorpusSearchOptions search{.k = k + (options_.ignore_identical_ids ? 1 : 0),
                             .corpus_chunk_size = options_.corpus_chunk_size};
  if (context.progress) {
    search.progress = [&](size_t done, size_t total) {
      context.progress("searching " + options_.name, done, total);
    };
  }
  const auto found = search_corpus(queries, data_.document_texts, encode, search, pool);
  std::vector<JudgedRanking> rankings;
  for (size_t query = 0; query < found.size(); ++query) {
    const std::string& id = data_.query_ids[query];
    std::vector<Hit> hits = named(found[query], data_.document_ids);
    if (options_.ignore_identical_ids) remove_identical_id(id, hits, k);
    rankings.push_back(judge_ranking(data_.qrels.at(id), hits));
  }
  return rankings;
}

EvaluationResult PyLateInformationRetrievalEvaluator::evaluate(
    const EncodeFn& encode, ThreadPool& pool, const EvaluationContext& context) const {
  MetricValues values = retrieval_metrics(rank(encode, pool, context), options_.cutoffs);
  append_retrieval_csv(context, options_.name, values, options_.cutoffs);
  for (MetricValue& metric : values) metric.name = maxsim_prefix(options_.name) + metric.name;
  return report(std::move(values));
}

}  // namespace maxsimd
