// maxsimd rerank MODEL: the candidates of a TREC run, scored again by exact MaxSim.
#include <cstdio>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "cli/corpus.h"
#include "cli/hits.h"
#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/output_path.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/collection/collection.h"
#include "maxsimd/data/run.h"
#include "maxsimd/search/rerank.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  ModelFlags model;
  std::string queries, candidates, corpus, index, run;
  std::string masking = "exact";
  size_t k = 0;
  bool json = false;
};

// Every document the run names, once; a name the corpus does not have is an error.
Corpus read_candidates(const Run& run, const Flags& flags) {
  std::unordered_set<std::string> wanted;
  for (const auto& [query, hits] : run) {
    for (const Hit& hit : hits) wanted.insert(hit.id);
  }
  Corpus corpus = read_corpus(flags.corpus, &wanted);
  if (corpus.ids.size() == wanted.size()) return corpus;
  for (const std::string& id : corpus.ids) wanted.erase(id);
  throw FormatError(flags.candidates + ": " + std::to_string(wanted.size()) +
                    " candidates are not in " + flags.corpus + ", for one '" + *wanted.begin() +
                    "'; give the corpus the run was made from");
}

// A run for other queries would give an empty answer; a run for more queries only a note.
void check_queries_of_run(const Run& run, const Corpus& queries, const Flags& flags) {
  const std::unordered_set<std::string> known(queries.ids.begin(), queries.ids.end());
  size_t unknown = 0;
  std::string example;
  for (const auto& [query, hits] : run) {
    if (known.contains(query)) continue;
    ++unknown;
    example = query;
  }
  if (unknown == run.size()) {
    throw FormatError(flags.candidates + ": no query of this run is in " + flags.queries +
                      (run.empty() ? " (the run is empty)" : ", for one '" + example + "' is not"));
  }
  if (unknown > 0) {
    std::fprintf(stderr, "note: %zu queries of the run are not in %s, for one '%s'\n", unknown,
                 flags.queries.c_str(), example.c_str());
  }
}

// Ids of each query's candidates, in the run's order; none for a query not in the run.
std::vector<std::vector<std::string>> candidate_ids(const Corpus& queries, const Run& run) {
  std::vector<std::vector<std::string>> out(queries.ids.size());
  for (size_t q = 0; q < out.size(); ++q) {
    const auto hits = run.find(queries.ids[q]);
    if (hits == run.end()) continue;
    for (const Hit& hit : hits->second) out[q].push_back(hit.id);
  }
  return out;
}

RerankOptions rerank_options(const Flags& flags) {
  return {.masking = flags.masking == "pylate" ? Masking::pylate : Masking::exact};
}

// The candidates' texts are encoded.
std::vector<std::vector<Hit>> rerank_corpus(const Flags& flags, const Run& run,
                                            const Corpus& queries) {
  const Corpus corpus = read_candidates(run, flags);
  const ColBERT model = load_model(flags.model);
  CodedEmbeddings documents(model.dim(), Codec::float32, model.isa());
  encode_corpus(model, corpus, documents);
  std::unordered_map<std::string, DocId> numbers;
  for (size_t i = 0; i < corpus.ids.size(); ++i) numbers.emplace(corpus.ids[i], i);
  std::vector<std::vector<DocId>> candidates;
  for (const std::vector<std::string>& ids : candidate_ids(queries, run)) {
    std::vector<DocId>& list = candidates.emplace_back();
    for (const std::string& id : ids) list.push_back(numbers.at(id));
  }
  std::vector<std::vector<Hit>> ranked;
  for (const auto& list : rerank(model.encode_queries(queries.texts), documents, candidates,
                                 rerank_options(flags), model.pool())) {
    std::vector<Hit>& hits = ranked.emplace_back();
    for (const ScoredDocument& hit : list) hits.push_back({corpus.ids[hit.document], hit.score});
  }
  return ranked;
}

void check_candidates(const Index& index, const Corpus& queries,
                      const std::vector<std::vector<std::string>>& candidates) {
  for (size_t q = 0; q < candidates.size(); ++q) {
    for (const std::string& id : candidates[q]) {
      if (index.find(id)) continue;
      throw std::invalid_argument("rerank: query '" + queries.ids[q] + "': no document '" + id +
                                  "' in " + index.folder().string());
    }
  }
}

/// Hits of each query, best first, and what their ids are.
struct Ranked {
  std::vector<std::vector<Hit>> hits;
  IdType id_type = IdType::string;
};

// The candidates' vectors are those the index stores. They are mapped: the snapshot answers whole
// whatever becomes of the index meanwhile.
Ranked rerank_index(const Flags& flags, const Run& run, const Corpus& queries) {
  ModelFlags model = flags.model;
  use_index_model(model, flags.index, read_index_settings(flags.index));
  const Collection collection =
      Collection::open(flags.index, std::make_shared<const ColBERT>(load_model(model)));
  const auto candidates = candidate_ids(queries, run);
  check_candidates(collection.index(), queries, candidates);
  return {collection.rerank(queries.texts, candidates, rerank_options(flags)),
          collection.index().id_type().value_or(IdType::string)};
}

void run_verb(const Flags& flags) {
  check_output_is_no_input(flags.run, {flags.candidates, flags.queries, flags.corpus});
  const Run run = read_run(flags.candidates);
  const Corpus queries = read_query_file(flags.queries);
  check_queries_of_run(run, queries, flags);
  const HitFormat format{.run = flags.run, .json = flags.json};
  for (const std::string& id : queries.ids) check_query_id(format, id);
  Ranked ranked = flags.index.empty() ? Ranked{rerank_corpus(flags, run, queries)}
                                      : rerank_index(flags, run, queries);
  HitWriter writer(format);
  for (size_t q = 0; q < ranked.hits.size(); ++q) {
    std::vector<Hit>& hits = ranked.hits[q];
    if (flags.k != 0 && hits.size() > flags.k) hits.resize(flags.k);
    writer.write(queries.ids[q], std::span<const Hit>(hits), ranked.id_type);
  }
  writer.finish();
}

}  // namespace

void add_rerank(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("rerank", "score the candidates of a TREC run again by exact MaxSim");
  verb->footer(kHitNotes);
  const auto flags = std::make_shared<Flags>();
  add_model_flags(*verb, flags->model);
  verb->add_option("--queries", flags->queries, "queries: JSON lines or TSV, plain or .gz")
      ->required();
  verb->add_option("--candidates", flags->candidates, "TREC run with the candidates")->required();
  auto* documents = verb->add_option_group("documents", "where the candidates are");
  documents->add_option("--corpus", flags->corpus, "their texts: JSON lines, TSV, or a folder");
  documents->add_option("--index", flags->index, "their vectors: an index made with MODEL");
  documents->require_option(1);
  verb->add_option("--masking", flags->masking,
                   "exact: absent tokens are absent; pylate: PyLate's zero padding, to the letter")
      ->check(CLI::IsMember({"exact", "pylate"}))
      ->capture_default_str();
  verb->add_option("--k", flags->k, "keep the first K of each query; 0 = all")
      ->check(CLI::Range(size_t{0}, size_t{1} << 40));
  verb->add_option("--run", flags->run, "also write the result as a TREC run");
  verb->add_flag("--json", flags->json, "JSON lines {query_id, hits: [{id, score}]}");
  verb->callback([flags] { run_verb(*flags); });
}

}  // namespace maxsimd::cli
