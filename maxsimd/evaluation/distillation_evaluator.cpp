#include "maxsimd/evaluation/distillation_evaluator.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "maxsimd/evaluation/candidate_scores.h"
#include "maxsimd/evaluation/evaluator_csv.h"

namespace maxsimd {
namespace {

constexpr double kEpsilon = 1e-8;  // PyLate's, against a division by 0

void scale_to_unit(std::vector<double>& scores) {
  const auto [least, most] = std::ranges::minmax(scores);
  for (double& score : scores) score = (score - least) / (most - least + kEpsilon);
}

std::vector<double> log_softmax(std::vector<double> scores) {
  const double most = std::ranges::max(scores);
  double sum = 0.0;
  for (const double score : scores) sum += std::exp(score - most);
  for (double& score : scores) score -= most + std::log(sum);
  return scores;
}

void check_row(const DistillationRow& row, size_t number) {
  const bool is_good = !row.documents.empty() && row.documents.size() == row.scores.size() &&
                       std::ranges::all_of(row.scores, [](float s) { return std::isfinite(s); });
  if (is_good) return;
  throw std::invalid_argument("distillation evaluator: row " + std::to_string(number) + ": " +
                              std::to_string(row.documents.size()) + " documents and " +
                              std::to_string(row.scores.size()) +
                              " scores; expected one finite score a document, and at least one");
}

}  // namespace

std::vector<DistillationRow> read_all(const DistillationRows& rows) {
  std::vector<DistillationRow> all;
  for (uint64_t row = 0; row < rows.size(); ++row) all.push_back(rows.row(row));
  return all;
}

double kl_divergence(std::span<const float> scores, std::span<const float> teacher,
                     bool normalize_scores) {
  std::vector<double> student(scores.begin(), scores.end());
  if (normalize_scores) scale_to_unit(student);
  const std::vector<double> log_q = log_softmax(std::move(student));
  const std::vector<double> log_p = log_softmax({teacher.begin(), teacher.end()});
  double sum = 0.0;
  for (size_t j = 0; j < log_p.size(); ++j) sum += std::exp(log_p[j]) * (log_p[j] - log_q[j]);
  return sum < 0 ? 0.0 : sum;  // of rounding: it cannot be negative
}

ColBERTDistillationEvaluator::ColBERTDistillationEvaluator(std::vector<DistillationRow> rows,
                                                           DistillationEvaluatorOptions options)
    : rows_(std::move(rows)),
      options_(std::move(options)),
      csv_file_("distillation_evaluation" + file_name_part(options_.name) + "_results.csv") {
  if (rows_.empty()) {
    throw std::invalid_argument("distillation evaluator: no rows; expected at least one");
  }
  if (options_.batch_size == 0) {
    throw std::invalid_argument("distillation evaluator: batch_size: expected at least 1, got 0");
  }
  for (size_t row = 0; row < rows_.size(); ++row) check_row(rows_[row], row);
}

std::string ColBERTDistillationEvaluator::primary_metric() const {
  return options_.name.empty() ? "kl_divergence" : options_.name + "_kl_divergence";
}

std::vector<std::string> ColBERTDistillationEvaluator::notes() const {
  return {std::to_string(rows_.size()) + " queries with a teacher's scores"};
}

double ColBERTDistillationEvaluator::sum_of_batch(std::span<const DistillationRow> rows,
                                                  const EncodeFn& encode, ThreadPool& pool) const {
  std::vector<std::string> queries;
  std::vector<std::string> documents;
  std::vector<size_t> counts;
  for (const DistillationRow& row : rows) {
    queries.push_back(row.query);
    documents.insert(documents.end(), row.documents.begin(), row.documents.end());
    counts.push_back(row.documents.size());
  }
  const Embeddings encoded_queries = encode(queries, TextKind::query);
  const Embeddings encoded_documents = encode(documents, TextKind::document);
  const std::vector<float> scores =
      candidate_scores(encoded_queries, encoded_documents, counts, pool);
  if (!std::ranges::all_of(scores, [](float score) { return std::isfinite(score); })) {
    throw std::invalid_argument(
        "distillation evaluator: a document has no vectors, its score is "
        "-infinity; expected at least one a document");
  }
  double sum = 0.0;
  size_t first = 0;
  for (const DistillationRow& row : rows) {
    const std::span<const float> of_row(scores.data() + first, row.documents.size());
    sum += kl_divergence(of_row, row.scores, options_.normalize_scores);
    first += row.documents.size();
  }
  return sum;
}

EvaluationResult ColBERTDistillationEvaluator::evaluate(const EncodeFn& encode, ThreadPool& pool,
                                                        const EvaluationContext& context) const {
  const std::span<const DistillationRow> rows(rows_);
  double sum = 0.0;
  for (size_t first = 0; first < rows.size(); first += options_.batch_size) {
    const size_t count = std::min(options_.batch_size, rows.size() - first);
    sum += sum_of_batch(rows.subspan(first, count), encode, pool);
    if (context.progress) context.progress("scoring documents", first + count, rows.size());
  }
  const double mean = sum / static_cast<double>(rows.size());
  const std::string header = "kl_divergence";
  append_csv(context, {csv_file_, {&header, 1}, {&mean, 1}, "\r\n"});
  return report({{primary_metric(), mean}});
}

}  // namespace maxsimd
