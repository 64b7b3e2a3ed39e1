#include "maxsimd/training/cached_contrastive.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <span>
#include <vector>

#include "maxsimd/training/random_state.h"

namespace maxsimd::training {
namespace {

struct Chunk {
  std::span<const TokenizedText> texts;
  RandomState random_state;  // before it was first embedded
};

std::vector<Chunk> cut_columns(const TokenizedBatch& batch, size_t mini_batch_size) {
  std::vector<Chunk> chunks;
  for (const auto& column : batch.columns) {
    for (size_t begin = 0; begin < column.size(); begin += mini_batch_size) {
      const size_t count = std::min(mini_batch_size, column.size() - begin);
      chunks.push_back({std::span(column).subspan(begin, count), {}});
    }
  }
  return chunks;
}

TokenRows embed_first(const ColbertModel& model, std::vector<Chunk>& chunks,
                      const ForwardOptions& forward) {
  const c10::NoGradGuard no_grad;
  std::vector<TokenRows> parts;
  for (Chunk& chunk : chunks) {
    chunk.random_state = random_state(model.parameters().device());
    parts.push_back(model.embed(chunk.texts, forward));
  }
  return concatenate_texts(parts);
}

/// loss / divisor of the batch; its gradient goes to the values' grad(), a few queries at a time.
at::Tensor differentiate_scores(const TokenRows& queries, const GatheredTexts& documents,
                                const ObjectiveOptions& options, double divisor) {
  const int64_t num_queries = queries.size();
  if (options.contrastive.size_average) divisor *= static_cast<double>(num_queries);
  const ContrastiveOptions sum{.temperature = options.contrastive.temperature,
                               .size_average = false};
  const int64_t step = options.score_mini_batch_size == 0
                           ? num_queries
                           : static_cast<int64_t>(options.score_mini_batch_size);
  at::Tensor total;
  for (int64_t begin = 0; begin < num_queries; begin += step) {
    const int64_t end = std::min(begin + step, num_queries);
    const at::Tensor scores = scores_of(slice_texts(queries, begin, end), documents.texts, options);
    const at::Tensor loss = contrastive_loss(scores, sum, documents.first_text + begin) / divisor;
    loss.backward();
    total = total.defined() ? total + loss.detach() : loss.detach();
  }
  return total;
}

void embed_again(const ColbertModel& model, const std::vector<Chunk>& chunks,
                 const ForwardOptions& forward, const at::Tensor& gradient) {
  const at::Device device = model.parameters().device();
  const KeepRandomState keep(device);
  int64_t begin = 0;
  for (const Chunk& chunk : chunks) {
    set_random_state(chunk.random_state, device);
    const at::Tensor values = model.embed(chunk.texts, forward).values;
    const int64_t end = begin + values.size(0);
    values.backward(gradient.slice(0, begin, end));
    begin = end;
  }
}

}  // namespace

BatchEmbeddings embed_in_chunks(const ColbertModel& model, const TokenizedBatch& batch,
                                const ForwardOptions& forward, const ObjectiveOptions& options) {
  std::vector<Chunk> chunks = cut_columns(batch, options.mini_batch_size);
  return split_batch(embed_first(model, chunks, forward), batch);
}

at::Tensor add_cached_gradients(const ColbertModel& model, const TokenizedBatch& batch,
                                const ForwardOptions& forward, const ObjectiveOptions& options,
                                double divisor) {
  std::vector<Chunk> chunks = cut_columns(batch, options.mini_batch_size);
  const TokenRows texts = embed_first(model, chunks, forward);
  const auto rows = static_cast<int64_t>(batch.rows());
  TokenRows queries = slice_texts(texts, 0, rows);
  const TokenRows own = slice_texts(texts, rows, texts.size());
  GatheredTexts documents = candidates(own, options);
  queries.values = queries.values.detach().set_requires_grad(true);
  documents.texts.values = documents.texts.values.detach().set_requires_grad(true);
  check_can_score(documents.texts, options);
  const at::Tensor loss = differentiate_scores(queries, documents, options, divisor);
  const at::Tensor gradient = documents.texts.values.grad();
  if (options.gather != nullptr) options.gather->add_up(gradient);
  embed_again(
      model, chunks, forward,
      at::cat({queries.values.grad(),
               gradient.slice(0, documents.first_row, documents.first_row + own.offsets.back())}));
  return loss;
}

}  // namespace maxsimd::training
