// What the tests of retrieval quality share: the collections of ../shared/data and their figures.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/run_evaluation.h"
#include "maxsimd/search/retrieve.h"

namespace maxsimd::quality_testing {

inline constexpr size_t kPieceDocuments = 512;
inline constexpr size_t kHits = 100;

inline std::filesystem::path shared() {
  const char* from_environment = std::getenv("MAXSIMD_SHARED");
  return from_environment != nullptr ? from_environment : MAXSIMD_SOURCE_DIR "/../shared";
}

inline Embeddings encode_all(const ColBERT& model, std::span<const std::string> texts,
                             TextKind kind) {
  Embeddings all;
  all.dim = model.dim();
  for (size_t begin = 0; begin < texts.size(); begin += kPieceDocuments) {
    const size_t count = std::min(kPieceDocuments, texts.size() - begin);
    const Embeddings piece = model.encode(texts.subspan(begin, count), kind);
    for (size_t i = 0; i < piece.size(); ++i) all.append(piece.matrix(i));
  }
  return all;
}

/// nDCG@10, Recall@100, MRR@10 of exact search.
inline RunEvaluation evaluate(const ColBERT& model, const BeirData& data, const Embeddings& queries,
                              const CodedEmbeddings& documents) {
  const auto hits = retrieve(queries, documents, data.document_ids, {.k = kHits}, model.pool());
  Run run;
  for (size_t q = 0; q < hits.size(); ++q) run[data.query_ids[q]] = hits[q];
  return evaluate_run(data.qrels, run,
                      std::vector<Metric>{parse_metric("nDCG@10"), parse_metric("Recall@100"),
                                          parse_metric("MRR@10")});
}

}  // namespace maxsimd::quality_testing
