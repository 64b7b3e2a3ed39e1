// maxsimd search INDEX [QUERY]: the best documents of an index for one query or a file of them.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "cli/corpus.h"
#include "cli/hits.h"
#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/output_path.h"
#include "cli/parameter_flags.h"
#include "cli/progress.h"
#include "cli/searcher.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/index/where.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kPieceQueries = 256;             // searched together
constexpr size_t kPieceValues = size_t{1} << 20;  // of query embeddings: 4 MiB

void check_where(const std::string& where) {
  try {
    Where::parse(where);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--where", error.what());
  }
}

void check_flags(const SearchFlags& flags) {
  const int given = (flags.query ? 1 : 0) + (flags.queries.empty() ? 0 : 1) +
                    (flags.query_embeddings.empty() ? 0 : 1);
  if (given != 1) refuse("give one of QUERY, --queries FILE and --query-embeddings FILE.npz");
  if (!flags.query_embeddings.empty() && (asks_for_model(flags.model) || flags.force_model)) {
    refuse("--query-embeddings: no model is used; leave out --model and its settings");
  }
  if (flags.where) check_where(*flags.where);
}

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

void run(const SearchFlags& flags) {
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
  const auto flags = std::make_shared<SearchFlags>();
  add_index_argument(*verb, flags->index);
  verb->add_option("QUERY", flags->query, "a question");
  verb->add_option("--queries", flags->queries, "a file of them: JSON lines or TSV, plain or .gz");
  verb->add_option("--query-embeddings", flags->query_embeddings,
                   "or their token vectors in an .npz; needs no model");
  verb->add_option("--k", flags->k, "hits a query")
      ->check(CLI::Range(size_t{1}, size_t{1} << 40))
      ->capture_default_str();
  add_parameter_flags(*verb, flags->parameters, true);
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
