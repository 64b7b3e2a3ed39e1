#include "cli/searcher.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "cli/index_flags.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/search/retrieve.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kMaxTries = 10;  // while the index is replaced again and again

}  // namespace

Searcher::Searcher(const SearchFlags& flags) : flags_(flags), subset_{.where = flags.where} {
  if (!flags.ids.empty() || !flags.ids_file.empty()) subset_.ids = flags.ids;
  if (!flags.ids_file.empty()) {
    const auto more = read_id_file(flags.ids_file);
    subset_.ids->insert(subset_.ids->end(), more.begin(), more.end());
  }
  if (flags.query_embeddings.empty()) {
    ModelFlags model = flags.model;
    use_index_model(model, flags.index, read_index_settings(flags.index));
    model_ = std::make_shared<const ColBERT>(load_model(model));
  } else {
    pool_ = std::make_unique<ThreadPool>(flags.model.threads);
  }
  on_snapshot([] {});
  tell_unknown_ids();
}

void Searcher::search(const Queries& queries, HitWriter& writer) {
  size_t ranked_snapshot = 0;
  std::vector<std::vector<ScoredDocument>> rankings;
  for (size_t q = 0; q < queries.ids.size(); ++q) {
    std::vector<ShownHit> hits;
    on_snapshot([&] {
      if (ranked_snapshot != snapshot_) rankings = rank(queries);
      ranked_snapshot = snapshot_;
      hits = show(queries, q, rankings[q]);
    });
    writer.write(queries.ids[q], hits, index().id_type().value_or(IdType::string));
  }
}

// Does a piece of work that only reads. When the snapshot's catalog is out of its place, or the
// snapshot too old, it is done again, on the index as of then.
template <class Work>
void Searcher::on_snapshot(Work work) {
  for (size_t tries = 1;; ++tries) {
    try {
      if (!is_open_) open();
      return work();
    } catch (const SnapshotError&) {
      if (tries == kMaxTries) throw;
      is_open_ = false;
    }
  }
}

void Searcher::open() {
  if (model_) {
    collection_.emplace(
        Collection::open(flags_.index, model_, {.force_model = flags_.force_model}));
  } else {
    retriever_.emplace(Index::open(flags_.index, {.isa = chosen_isa(flags_.model)}));
  }
  if (flags_.text && !index().settings().store_text) {
    throw std::invalid_argument(flags_.index +
                                ": texts are not stored; make the index with --store-text");
  }
  filter_ = subset_filter(index(), subset_);
  options_ = {.k = flags_.k, .filter = filter_ ? &*filter_ : nullptr};
  if (!flags_.parameters.exact) use_tuned_search(flags_.index, index(), options_);
  flags_.parameters.apply(index().settings().kind, options_);
  if (!flags_.run.empty()) check_document_ids();
  ++snapshot_;
  is_open_ = true;
}

void Searcher::tell_unknown_ids() const {
  if (!subset_.ids) return;
  const auto unknown = static_cast<size_t>(std::ranges::count_if(
      *subset_.ids, [&](const std::string& id) { return !index().find(id).has_value(); }));
  if (unknown > 0) std::fprintf(stderr, "note: %zu ids are not in the index\n", unknown);
}

// A run is refused at once, not after hours by the first hit that it cannot hold.
void Searcher::check_document_ids() const {
  for (const DocumentBlock& block : index().blocks()) {
    for (size_t i = 0; i < block.size(); ++i) {
      const size_t slot = block.first_slot + i;
      if (!(filter_ ? filter_->bitmap() : index().live()).contains(slot)) continue;
      check_run_column(index().id(block.document(i)), "document id");
    }
  }
}

std::vector<std::vector<ScoredDocument>> Searcher::rank(const Queries& queries) const {
  check_embeddings(queries.embeddings, index().settings().dim,
                   {.kind = "query", .ids = queries.ids});
  return collection_ ? collection_->search(queries.embeddings, options_)
                     : retriever_->search(queries.embeddings, options_, pool());
}

std::vector<ShownHit> Searcher::show(const Queries& queries, size_t query,
                                     std::span<const ScoredDocument> ranking) const {
  std::vector<ShownHit> hits;
  for (const ScoredDocument& found : ranking) {
    hits.push_back({{std::string(index().id(found.document)), found.score}, {}, {}});
    if (flags_.explain) hits.back().alignment = explain(queries, query, found.document);
  }
  if (flags_.text) add_texts(ranking, hits);
  return hits;
}

std::vector<ExplainedMatch> Searcher::explain(const Queries& queries, size_t query,
                                              DocId document) const {
  if (collection_) return collection_->explain(queries.texts[query], document);
  std::vector<ExplainedMatch> matches;
  for (const Alignment& match : align(queries.embeddings.matrix(query), index(), document)) {
    matches.push_back({match, {}, {}});
  }
  return matches;
}

void Searcher::add_texts(std::span<const ScoredDocument> ranking,
                         std::vector<ShownHit>& hits) const {
  std::vector<DocId> documents;
  for (const ScoredDocument& found : ranking) documents.push_back(found.document);
  std::vector<DocumentRecord> records = index().records(documents);
  for (size_t h = 0; h < hits.size(); ++h) hits[h].text = std::move(records[h].text);
}

}  // namespace maxsimd::cli
