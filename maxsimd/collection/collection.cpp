#include "maxsimd/collection/collection.h"

#include <utility>

#include "maxsimd/collection/model_check.h"
#include "maxsimd/search/retrieve.h"

namespace maxsimd {

Collection Collection::open(const std::filesystem::path& folder,
                            std::shared_ptr<const ColBERT> model,
                            const CollectionOptions& options) {
  Index index = Index::open(folder, {.isa = model->isa()});
  check_model(folder, index.settings(), *model, options.force_model);
  return {Retriever(std::move(index)), std::move(model)};
}

Collection Collection::refresh() const {
  return {retriever_.refresh(), model_};
}

std::vector<std::vector<ScoredDocument>> Collection::search(std::span<const std::string> queries,
                                                            const SearchOptions& options) const {
  return search(model_->encode_queries(queries), options);
}

std::vector<std::vector<ScoredDocument>> Collection::search(const Embeddings& queries,
                                                            const SearchOptions& options) const {
  return retriever_.search(queries, options, model_->pool());
}

std::vector<std::vector<Hit>> Collection::rerank(
    std::span<const std::string> queries, std::span<const std::vector<std::string>> candidates,
    const RerankOptions& options) const {
  return maxsimd::rerank(candidates, model_->encode_queries(queries), index(), options,
                         model_->pool());
}

std::vector<Hit> Collection::hits(std::span<const ScoredDocument> ranking) const {
  std::vector<Hit> hits;
  hits.reserve(ranking.size());
  for (const ScoredDocument& found : ranking) {
    hits.push_back({std::string(index().id(found.document)), found.score});
  }
  return hits;
}

std::string Collection::text(DocId document) const {
  return index().record(document).text;
}

std::vector<ExplainedMatch> Collection::explain(std::string_view query, DocId document) const {
  const Embeddings encoded = model_->encode_queries(std::vector<std::string>{std::string(query)});
  const auto query_rows = model_->describe_rows(query, TextKind::query);
  std::vector<RowDescription> document_rows;
  const std::string stored = index().settings().store_text ? text(document) : std::string();
  if (!stored.empty()) document_rows = model_->describe_rows(stored, TextKind::document);
  // Rows that were pooled, or encoded by another model, are not the text's.
  if (document_rows.size() != index().rows(document).num_rows()) document_rows.clear();
  std::vector<ExplainedMatch> matches;
  for (const Alignment& match : align(encoded.matrix(0), index(), document)) {
    ExplainedMatch explained{match, query_rows[match.query_row], std::nullopt};
    if (!document_rows.empty()) explained.document = document_rows[match.document_row];
    matches.push_back(std::move(explained));
  }
  return matches;
}

}  // namespace maxsimd
