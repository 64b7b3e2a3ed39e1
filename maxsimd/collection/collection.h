// An index folder with its model: texts in, hits and reasons out. What programs, a server and
// bindings call.
//
// Thread rule: immutable; every const method may be called from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/index.h"
#include "maxsimd/search/rerank.h"
#include "maxsimd/search/retriever.h"
#include "maxsimd/search/search_options.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

struct CollectionOptions {
  /// Search with a model that is not the index's own; only its width must fit.
  bool force_model = false;
};

/// A query row, the document row it matched best, and the words behind them where they are known.
struct ExplainedMatch {
  Alignment alignment;
  std::optional<RowDescription> query;
  std::optional<RowDescription> document;  // needs a stored text
};

class Collection {
 public:
  /// Opens the last commit. Throws IoError, FormatError (Index::open), and std::invalid_argument
  /// naming both models when this is not the index's own.
  static Collection open(const std::filesystem::path& folder, std::shared_ptr<const ColBERT> model,
                         const CollectionOptions& options = {});

  /// The last commit as of now, with the same model. Cheap.
  Collection refresh() const;

  const Index& index() const { return retriever_.index(); }
  const ColBERT& model() const { return *model_; }

  /// The best documents of each query, best first, found as the index's kind does (Retriever);
  /// options.filter is one of this snapshot (subset_filter). Throws as Retriever::search() does.
  std::vector<std::vector<ScoredDocument>> search(std::span<const std::string> queries,
                                                  const SearchOptions& options = {}) const;
  /// The same for queries that are encoded already.
  std::vector<std::vector<ScoredDocument>> search(const Embeddings& queries,
                                                  const SearchOptions& options = {}) const;

  /// The candidates of each query, by their ids, best first. Throws std::invalid_argument (an id
  /// that is not in the index, other numbers of queries and lists), FormatError.
  std::vector<std::vector<Hit>> rerank(std::span<const std::string> queries,
                                       std::span<const std::vector<std::string>> candidates,
                                       const RerankOptions& options = {}) const;

  /// The documents under the ids they were added with.
  std::vector<Hit> hits(std::span<const ScoredDocument> ranking) const;

  /// The stored text of a document; empty when texts are not stored. Throws std::invalid_argument
  /// for a document that is not live in this snapshot, IoError.
  std::string text(DocId document) const;

  /// Why a document was found: for each row of the query its best match. Words of the document are
  /// there when its text is stored and encodes to as many rows as are stored. Throws as text().
  std::vector<ExplainedMatch> explain(std::string_view query, DocId document) const;

 private:
  Collection(Retriever retriever, std::shared_ptr<const ColBERT> model)
      : retriever_(std::move(retriever)), model_(std::move(model)) {}

  Retriever retriever_;
  std::shared_ptr<const ColBERT> model_;
};

}  // namespace maxsimd
