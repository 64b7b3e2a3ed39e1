// Tokenized batches, made by a thread of their own while the model is busy with the ones before.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/data/distillation_rows.h"
#include "maxsimd/data/training_rows.h"
#include "maxsimd/training/sampler.h"

namespace maxsimd::training {

/// A data set that is trained or evaluated on: rows of columns, or of a teacher's scores.
struct Dataset {
  std::string name;  // "" when it has none
  std::variant<TrainingRows, DistillationRows> rows;
  std::vector<std::string> prompts;  // [columns], put before every text of a column
  uint64_t checksum = 0;             // of the rows (RowsChecksum)

  uint64_t size() const;
};

/// The texts of a batch, column by column: queries, positives, then each column of negatives, all
/// [rows]. For distillation two columns: queries [rows], and the documents of the first query, of
/// the second, ... [rows * ways].
struct TokenizedBatch {
  BatchRows source;
  std::vector<std::vector<TokenizedText>> columns;
  std::vector<float> teacher_scores;  // [rows * ways], distillation only

  size_t rows() const { return columns.front().size(); }
  size_t num_tokens() const;
};

/// Reads and tokenizes the texts of a batch. Throws FormatError (file:line).
TokenizedBatch tokenize_batch(const ColBERT& model, const Dataset& dataset, const BatchRows& rows);

class BatchLoader {
 public:
  /// Starts on the batches at once. All arguments must outlive the loader.
  BatchLoader(const ColBERT& model, const std::vector<Dataset>& datasets,
              std::vector<BatchRows> batches);
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;
  ~BatchLoader();

  /// The next batch in order, nothing at the end. Throws what reading it threw.
  std::optional<TokenizedBatch> next();

 private:
  void run();

  const ColBERT& model_;
  const std::vector<Dataset>& datasets_;
  std::vector<BatchRows> batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TokenizedBatch> ready_;
  std::exception_ptr error_;
  bool done_ = false;
  bool stop_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace maxsimd::training
