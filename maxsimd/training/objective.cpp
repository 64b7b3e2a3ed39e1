#include "maxsimd/training/objective.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/training/batched_maxsim.h"

namespace maxsimd::training {
namespace {

/// Which documents have masked rows once they are padded to the document length.
std::vector<uint8_t> padded_documents(const TokenRows& documents, size_t document_length) {
  std::vector<uint8_t> padded;
  for (size_t i = 0; i + 1 < documents.offsets.size(); ++i) {
    const int64_t kept = documents.offsets[i + 1] - documents.offsets[i];
    padded.push_back(kept < static_cast<int64_t>(document_length) ? 1 : 0);
  }
  return padded;
}

at::Tensor in_batch_scores(const TokenRows& all_queries, const TokenRows& documents,
                           const ObjectiveOptions& options) {
  const int64_t count = all_queries.size();
  const auto step = static_cast<int64_t>(options.score_mini_batch_size);
  if (step == 0 || step >= count) {
    return scores_of(all_queries, documents, options);
  }
  std::vector<at::Tensor> scores;
  for (int64_t begin = 0; begin < count; begin += step) {
    const TokenRows queries = slice_texts(all_queries, begin, std::min(begin + step, count));
    scores.push_back(scores_of(queries, documents, options));
  }
  return at::cat(scores);
}

/// The rows of texts, `group` texts a part.
std::vector<TokenRows> split_texts(const TokenRows& texts, int64_t group) {
  std::vector<TokenRows> parts;
  std::vector<int64_t> sizes;
  for (int64_t begin = 0; begin < texts.size(); begin += group) {
    parts.push_back(slice_texts(texts, begin, begin + group));
    sizes.push_back(parts.back().offsets.back());
  }
  // Unlike slices, whose gradients are as large as the whole each, these are joined once.
  const std::vector<at::Tensor> values = texts.values.split_with_sizes(sizes);
  for (size_t i = 0; i < parts.size(); ++i) parts[i].values = values[i];
  return parts;
}

/// [queries, ways]: every query with its own documents.
at::Tensor own_scores(const BatchEmbeddings& embeddings, const ObjectiveOptions& options) {
  const int64_t ways = embeddings.teacher_scores.size(1);
  if (embeddings.documents.size() != embeddings.queries.size() * ways) {
    throw std::invalid_argument("distillation: " + std::to_string(embeddings.documents.size()) +
                                " documents of " + std::to_string(embeddings.queries.size()) +
                                " queries; expected " + std::to_string(ways) + " a query");
  }
  const std::vector<TokenRows> queries = split_texts(embeddings.queries, 1);
  const std::vector<TokenRows> documents = split_texts(embeddings.documents, ways);
  std::vector<at::Tensor> scores;
  for (size_t i = 0; i < queries.size(); ++i) {
    scores.push_back(scores_of(queries[i], documents[i], options));
  }
  return at::cat(scores);
}

}  // namespace

BatchEmbeddings split_batch(const TokenRows& texts, const TokenizedBatch& batch) {
  const auto rows = static_cast<int64_t>(batch.rows());
  BatchEmbeddings out{slice_texts(texts, 0, rows), slice_texts(texts, rows, texts.size()), {}};
  if (batch.teacher_scores.empty()) return out;
  out.teacher_scores = tensor_of(batch.teacher_scores,
                                 {rows, static_cast<int64_t>(batch.teacher_scores.size()) / rows});
  return out;
}

BatchEmbeddings embed_batch(const ColbertModel& model, const TokenizedBatch& batch,
                            const ForwardOptions& options) {
  std::vector<TokenizedText> texts;
  for (const auto& column : batch.columns) texts.insert(texts.end(), column.begin(), column.end());
  return split_batch(model.embed(texts, options), batch);
}

GatheredTexts candidates(const TokenRows& documents, const ObjectiveOptions& options) {
  if (options.gather == nullptr) return {documents};
  return gather_texts(documents, *options.gather);
}

at::Tensor scores_of(const TokenRows& queries, const TokenRows& documents,
                     const ObjectiveOptions& options) {
  const std::vector<uint8_t> padded = padded_documents(documents, options.document_length);
  if (options.batched_scores || !queries.values.is_cpu()) {
    return batched_maxsim_scores(queries, documents, options.masking, padded);
  }
  return maxsim_scores(queries, documents, options.masking, padded);
}

void check_can_score(const TokenRows& documents, const ObjectiveOptions& options) {
  if (documents.offsets.back() > 0 || options.masking == Masking::pylate) return;
  throw std::invalid_argument("contrastive loss: no document of the batch has a token to score");
}

at::Tensor loss_of(const BatchEmbeddings& embeddings, const ObjectiveOptions& options) {
  if (options.loss != LossKind::kDistillation) {
    const GatheredTexts documents = candidates(embeddings.documents, options);
    check_can_score(documents.texts, options);
    return contrastive_loss(in_batch_scores(embeddings.queries, documents.texts, options),
                            options.contrastive, documents.first_text);
  }
  if (!embeddings.teacher_scores.defined()) {
    throw std::invalid_argument("distillation: the batch has no scores of a teacher");
  }
  return distillation_loss(own_scores(embeddings, options), embeddings.teacher_scores,
                           options.distillation);
}

}  // namespace maxsimd::training
