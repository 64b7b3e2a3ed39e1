// maxsimd search INDEX [QUERY]: the best documents of an index for one query or a file of them.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/corpus.h"
#include "cli/hits.h"
#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/output_path.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/collection/collection.h"
#include "maxsimd/collection/subset.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/search/retrieve.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kPieceQueries = 256;             // searched together
constexpr size_t kPieceValues = size_t{1} << 20;  // of query embeddings: 4 MiB
constexpr size_t kMaxTries = 10;                  // while the index is replaced again and again

struct Flags {
  ModelFlags model;
  std::string index, queries, query_embeddings, run, ids_file;
  std::optional<std::string> query, where;
  std::vector<std::string> ids;
  size_t k = 10;
  bool json = false;
  bool text = false;
  bool explain = false;
  bool force_model = false;
};

[[noreturn]] void refuse(const std::string& problem) {
  throw CLI::ValidationError(problem);
}

void check_where(const std::string& where) {
  try {
    Where::parse(where);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--where", error.what());
  }
}

void check_flags(const Flags& flags) {
  const int given = (flags.query ? 1 : 0) + (flags.queries.empty() ? 0 : 1) +
                    (flags.query_embeddings.empty() ? 0 : 1);
  if (given != 1) refuse("give one of QUERY, --queries FILE and --query-embeddings FILE.npz");
  if (!flags.query_embeddings.empty() && (asks_for_model(flags.model) || flags.force_model)) {
    refuse("--query-embeddings: no model is used; leave out --model and its settings");
  }
  if (flags.where) check_where(*flags.where);
}

/// Queries to search together, encoded; `texts` is empty for those that came as embeddings.
struct Queries {
  std::vector<std::string> ids, texts;
  Embeddings embeddings;
};

/// The index as of now, and its model when queries are texts. When another index takes its place
/// the search goes on in that one: the hits of a query are always those of one snapshot.
class Searcher {
 public:
  explicit Searcher(const Flags& flags) : flags_(flags), subset_{.where = flags.where} {
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
      pool_.emplace(flags.model.threads);
    }
    on_snapshot([] {});
    tell_unknown_ids();
  }

  const ColBERT& model() const { return *model_; }

  void search(const Queries& queries, HitWriter& writer) {
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

 private:
  const Index& index() const { return collection_ ? collection_->index() : *index_; }
  ThreadPool& pool() { return model_ ? model_->pool() : *pool_; }

  /// Does a piece of work that only reads. A snapshot whose catalog is out of its place, or too
  /// old, throws IoError; the work is then done again, on the index as of then.
  template <class Work>
  void on_snapshot(Work work) {
    for (size_t tries = 1;; ++tries) {
      try {
        if (!is_open_) open();
        return work();
      } catch (const IoError&) {
        if (tries == kMaxTries) throw;
        is_open_ = false;
      }
    }
  }

  void open() {
    if (model_) {
      collection_.emplace(
          Collection::open(flags_.index, model_, {.force_model = flags_.force_model}));
    } else {
      index_.emplace(Index::open(flags_.index, {.isa = chosen_isa(flags_.model)}));
    }
    if (flags_.text && !index().settings().store_text) {
      throw std::invalid_argument(flags_.index +
                                  ": texts are not stored; make the index with --store-text");
    }
    filter_ = subset_filter(index(), subset_);
    if (!flags_.run.empty()) check_document_ids();
    ++snapshot_;
    is_open_ = true;
  }

  void tell_unknown_ids() const {
    if (!subset_.ids) return;
    const auto unknown = static_cast<size_t>(std::ranges::count_if(
        *subset_.ids, [&](const std::string& id) { return !index().find(id).has_value(); }));
    if (unknown > 0) std::fprintf(stderr, "note: %zu ids are not in the index\n", unknown);
  }

  // A run is refused at once, not after hours by the first hit that it cannot hold.
  void check_document_ids() const {
    for (const DocumentBlock& block : index().blocks()) {
      for (size_t i = 0; i < block.size(); ++i) {
        const size_t slot = block.first_slot + i;
        if (!(filter_ ? filter_->bitmap() : index().live()).contains(slot)) continue;
        check_run_column(index().id(block.document(i)), "document id");
      }
    }
  }

  std::vector<std::vector<ScoredDocument>> rank(const Queries& queries) {
    check_embeddings(queries.embeddings, index().settings().dim,
                     {.kind = "query", .ids = queries.ids});
    return search_exact(queries.embeddings, index(),
                        {.k = flags_.k, .filter = filter_ ? &*filter_ : nullptr}, pool());
  }

  std::vector<ShownHit> show(const Queries& queries, size_t query,
                             std::span<const ScoredDocument> ranking) const {
    std::vector<ShownHit> hits;
    for (const ScoredDocument& found : ranking) {
      hits.push_back({{std::string(index().id(found.document)), found.score}, {}, {}});
      if (flags_.explain) hits.back().alignment = explain(queries, query, found.document);
    }
    if (flags_.text) add_texts(ranking, hits);
    return hits;
  }

  std::vector<ExplainedMatch> explain(const Queries& queries, size_t query, DocId document) const {
    if (collection_) return collection_->explain(queries.texts[query], document);
    std::vector<ExplainedMatch> matches;
    for (const Alignment& match : align(queries.embeddings.matrix(query), index(), document)) {
      matches.push_back({match, {}, {}});
    }
    return matches;
  }

  void add_texts(std::span<const ScoredDocument> ranking, std::vector<ShownHit>& hits) const {
    std::vector<DocId> documents;
    for (const ScoredDocument& found : ranking) documents.push_back(found.document);
    std::vector<DocumentRecord> records = index().records(documents);
    for (size_t h = 0; h < hits.size(); ++h) hits[h].text = std::move(records[h].text);
  }

  const Flags& flags_;
  Subset subset_;
  std::shared_ptr<const ColBERT> model_;
  std::optional<ThreadPool> pool_;
  std::optional<Collection> collection_;
  std::optional<Index> index_;
  std::optional<Filter> filter_;
  size_t snapshot_ = 0;  // how many there were
  bool is_open_ = false;
};

void search_texts(Searcher& searcher, const Corpus& all, HitWriter& writer) {
  ProgressBar bar("searching", "queries");
  for (size_t begin = 0; begin < all.ids.size(); begin += kPieceQueries) {
    const size_t end = std::min(begin + kPieceQueries, all.ids.size());
    const auto part = [&](const std::vector<std::string>& from) {
      return std::vector<std::string>(from.begin() + static_cast<std::ptrdiff_t>(begin),
                                      from.begin() + static_cast<std::ptrdiff_t>(end));
    };
    Queries queries{part(all.ids), part(all.texts), {}};
    queries.embeddings = searcher.model().encode_queries(queries.texts);
    searcher.search(queries, writer);
    bar.update(end, all.ids.size());
  }
}

void search_embeddings(Searcher& searcher, EmbeddingsReader& all, HitWriter& writer) {
  ProgressBar bar("searching", "queries");
  size_t done = 0;
  for (auto piece = all.next(kPieceValues); !piece.ids.empty(); piece = all.next(kPieceValues)) {
    done += piece.ids.size();
    searcher.search({std::move(piece.ids), {}, std::move(piece.embeddings)}, writer);
    bar.update(done, all.size());
  }
}

void run(const Flags& flags) {
  check_flags(flags);
  check_output_is_no_input(flags.run, {flags.queries, flags.query_embeddings, flags.ids_file});
  Corpus texts;
  std::optional<EmbeddingsReader> embeddings;
  if (flags.query) texts = {{"1"}, {*flags.query}};
  if (!flags.queries.empty()) texts = read_query_file(flags.queries);
  const HitFormat format{.run = flags.run, .json = flags.json};
  const auto check_id = [&format](const std::string& id) { check_query_id(format, id); };
  for (const std::string& id : texts.ids) check_id(id);
  if (!flags.query_embeddings.empty()) {
    embeddings.emplace(flags.query_embeddings, EmbeddingsChecks{.largest_value = kLargestValue,
                                                                .require_unique_ids = true,
                                                                .check_id = check_id});
  }
  Searcher searcher(flags);
  HitWriter writer(format);
  embeddings ? search_embeddings(searcher, *embeddings, writer)
             : search_texts(searcher, texts, writer);
  writer.finish();
}

}  // namespace

void add_search(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("search", "the best documents of an index for queries");
  verb->footer(
      "Prints query_id, rank, id, score[, text][, matches], separated by tabs; the query_id of "
      "QUERY is 1.\n"
      "--where: field = 'text', !=, <, <=, >, >=, IN (...), LIKE 'a%', IS NULL, AND, OR, NOT, "
      "brackets.\n" +
      std::string(kHitNotes));
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_option("QUERY", flags->query, "a question");
  verb->add_option("--queries", flags->queries, "a file of them: JSON lines or TSV, plain or .gz");
  verb->add_option("--query-embeddings", flags->query_embeddings,
                   "or their token vectors in an .npz; needs no model");
  verb->add_option("--k", flags->k, "hits a query")
      ->check(CLI::Range(size_t{1}, size_t{1} << 40))
      ->capture_default_str();
  verb->add_option("--where", flags->where, "only documents whose metadata satisfy a condition");
  verb->add_option("--id", flags->ids, "only documents with these ids; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("--ids", flags->ids_file, "only documents with the ids of a file, one a line");
  verb->add_flag("--text", flags->text, "print the stored text of each hit");
  verb->add_flag("--explain", flags->explain,
                 "print which words of query and document matched, and how well");
  verb->add_option("--run", flags->run, "also write the hits as a TREC run");
  verb->add_flag("--json", flags->json,
                 "JSON lines {query_id, hits: [{id, score[, text][, alignment]}]}");
  add_index_model_flags(*verb, flags->model, ModelSettings::all,
                        "model folder, or 'mini'; default: the one the index was made with");
  verb->add_flag("--force-model", flags->force_model,
                 "search with a model that is not the index's own");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
