#include "maxsimd/training/batch_loader.h"

namespace maxsimd::training {
namespace {

constexpr size_t kBatchesAhead = 4;

TokenizedBatch tokenize_columns(const ColBERT& model, const TrainingRows& data,
                                const std::vector<std::string>& prompts, const BatchRows& rows) {
  const std::vector<TrainingColumn>& columns = data.columns().columns;
  TokenizedBatch batch{.source = rows, .columns = {}, .teacher_scores = {}};
  batch.columns.resize(columns.size());
  for (const uint64_t row : rows.rows) {
    const std::vector<std::string> texts = data.row(row);
    for (size_t c = 0; c < columns.size(); ++c) {
      batch.columns[c].push_back(model.tokenize(texts[c], columns[c].kind, {.prompt = prompts[c]}));
    }
  }
  return batch;
}

TokenizedBatch tokenize_distillation(const ColBERT& model, const DistillationRows& data,
                                     const std::vector<std::string>& prompts,
                                     const BatchRows& rows) {
  TokenizedBatch batch{.source = rows, .columns = {}, .teacher_scores = {}};
  batch.columns.resize(2);
  for (const uint64_t number : rows.rows) {
    const DistillationRow row = data.row(number);
    batch.columns[0].push_back(model.tokenize(row.query, TextKind::query, {.prompt = prompts[0]}));
    for (const std::string& text : row.documents) {
      batch.columns[1].push_back(model.tokenize(text, TextKind::document, {.prompt = prompts[1]}));
    }
    batch.teacher_scores.insert(batch.teacher_scores.end(), row.scores.begin(), row.scores.end());
  }
  return batch;
}

}  // namespace

uint64_t Dataset::size() const {
  return std::visit([](const auto& data) { return data.size(); }, rows);
}

size_t TokenizedBatch::num_tokens() const {
  size_t count = 0;
  for (const auto& column : columns) {
    for (const TokenizedText& text : column) count += text.ids.size();
  }
  return count;
}

TokenizedBatch tokenize_batch(const ColBERT& model, const Dataset& dataset, const BatchRows& rows) {
  if (const auto* of_teacher = std::get_if<DistillationRows>(&dataset.rows)) {
    return tokenize_distillation(model, *of_teacher, dataset.prompts, rows);
  }
  return tokenize_columns(model, std::get<TrainingRows>(dataset.rows), dataset.prompts, rows);
}

BatchLoader::BatchLoader(const ColBERT& model, const std::vector<Dataset>& datasets,
                         std::vector<BatchRows> batches)
    : model_(model),
      datasets_(datasets),
      batches_(std::move(batches)),
      thread_([this] { run(); }) {}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BatchLoader::run() {
  try {
    for (const BatchRows& rows : batches_) {
      TokenizedBatch batch = tokenize_batch(model_, datasets_[rows.dataset], rows);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || ready_.size() < kBatchesAhead; });
      if (stop_) return;
      ready_.push_back(std::move(batch));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  done_ = true;
  changed_.notify_all();
}

std::optional<TokenizedBatch> BatchLoader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty() || done_; });
  if (ready_.empty()) {
    if (error_ != nullptr) std::rethrow_exception(error_);
    return std::nullopt;
  }
  TokenizedBatch batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace maxsimd::training
