#include "maxsimd/training/objective.h"

namespace maxsimd::training {
namespace {

/// Texts [begin, end) of rows, which share their memory.
TokenRows slice(const TokenRows& rows, size_t begin, size_t end) {
  TokenRows part{rows.values.slice(0, rows.offsets[begin], rows.offsets[end]), {}};
  part.offsets.clear();
  for (size_t i = begin; i <= end; ++i) {
    part.offsets.push_back(rows.offsets[i] - rows.offsets[begin]);
  }
  return part;
}

/// Which documents have masked rows once they are padded to the document length.
std::vector<uint8_t> padded_documents(const TokenRows& documents, size_t document_length) {
  std::vector<uint8_t> padded;
  for (size_t i = 0; i + 1 < documents.offsets.size(); ++i) {
    const int64_t kept = documents.offsets[i + 1] - documents.offsets[i];
    padded.push_back(kept < static_cast<int64_t>(document_length) ? 1 : 0);
  }
  return padded;
}

}  // namespace

BatchEmbeddings embed_batch(const ColbertModel& model, const TokenizedBatch& batch,
                            const ForwardOptions& options) {
  std::vector<TokenizedText> texts;
  for (const auto& column : batch.columns) texts.insert(texts.end(), column.begin(), column.end());
  const TokenRows all = model.embed(texts, options);
  return {slice(all, 0, batch.rows()), slice(all, batch.rows(), texts.size())};
}

at::Tensor loss_of(const BatchEmbeddings& embeddings, const ObjectiveOptions& options) {
  const at::Tensor scores =
      maxsim_scores(embeddings.queries, embeddings.documents, options.masking,
                    padded_documents(embeddings.documents, options.document_length));
  return contrastive_loss(scores, options.contrastive);
}

}  // namespace maxsimd::training
