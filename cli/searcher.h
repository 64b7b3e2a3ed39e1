// Answers the queries of one command from an index that may be replaced meanwhile.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/hits.h"
#include "cli/model_flags.h"
#include "cli/parameter_flags.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/collection/collection.h"
#include "maxsimd/collection/subset.h"
#include "maxsimd/search/retriever.h"

namespace maxsimd::cli {

/// What the search verb is asked.
struct SearchFlags {
  ModelFlags model;
  std::string index, queries, query_embeddings, run, ids_file;
  std::optional<std::string> query, where;
  std::vector<std::string> ids;
  size_t k = 10;
  ParameterFlags parameters;
  bool json = false;
  bool text = false;
  bool explain = false;
  bool force_model = false;
};

/// Queries to search together, encoded; `texts` is empty for those that came as embeddings.
struct Queries {
  std::vector<std::string> ids, texts;
  Embeddings embeddings;
};

/// The index as of now, and its model when queries are texts. When another index takes its place
/// the search goes on in that one: the hits of a query are always those of one snapshot. Not
/// thread-safe.
class Searcher {
 public:
  /// Loads the model and opens the index; `flags` must outlive it. Throws IoError, FormatError,
  /// std::invalid_argument: another model, texts that are not stored, ids that a run cannot hold,
  /// parameters of another kind of index.
  explicit Searcher(const SearchFlags& flags);

  /// REQUIRES: queries are texts.
  const ColBERT& model() const { return *model_; }

  /// Writes the hits of each query, in order. Throws as the constructor, as Retriever::search()
  /// does (the query named by its id), and as HitWriter::write().
  void search(const Queries& queries, HitWriter& writer);

 private:
  const Index& index() const { return collection_ ? collection_->index() : retriever_->index(); }
  ThreadPool& pool() const { return model_ ? model_->pool() : *pool_; }

  template <class Work>
  void on_snapshot(Work work);
  void open();
  void tell_unknown_ids() const;
  void check_document_ids() const;
  std::vector<std::vector<ScoredDocument>> rank(const Queries& queries) const;
  std::vector<ShownHit> show(const Queries& queries, size_t query,
                             std::span<const ScoredDocument> ranking) const;
  std::vector<ExplainedMatch> explain(const Queries& queries, size_t query, DocId document) const;
  void add_texts(std::span<const ScoredDocument> ranking, std::vector<ShownHit>& hits) const;

  const SearchFlags& flags_;
  Subset subset_;
  std::shared_ptr<const ColBERT> model_;  // or
  std::unique_ptr<ThreadPool> pool_;      // for queries that came as embeddings
  std::optional<Collection> collection_;  // or
  std::optional<Retriever> retriever_;
  std::optional<Filter> filter_;
  SearchOptions options_;  // of the snapshot
  size_t snapshot_ = 0;    // how many there were
  bool is_open_ = false;
};

}  // namespace maxsimd::cli
