#include "python/src/bind_search.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <stdexcept>

#include "maxsimd/index/validation.h"
#include "maxsimd/search/nearest_tokens.h"
#include "python/src/arrays.h"
#include "python/src/ids.h"
#include "python/src/interrupts.h"
#include "python/src/results.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

// Queries between two looks for Ctrl-C where an index is not scanned: a fraction of a second.
constexpr size_t kQueriesPerPart = 64;
// Where it is: fewer would read its vectors from memory more often (search/block_scan.cpp).
constexpr size_t kScannedQueriesPerPart = 8;

/// What a search is asked; None: what was tuned for the index, else the default.
struct SearchArguments {
  size_t k = 10;
  std::optional<size_t> n_ivf_probe, n_full_scores, k_token, ef_search;
  std::optional<float> centroid_score_threshold;

  SearchOptions options(const std::optional<TunedSearch>& tuned, const Index& index) const {
    SearchOptions o{.k = k};
    if (tuned) apply_tuned_search(*tuned, index.size(), o);
    o.plaid.n_ivf_probe = n_ivf_probe.value_or(o.plaid.n_ivf_probe);
    o.plaid.n_full_scores = n_full_scores.value_or(o.plaid.n_full_scores);
    o.plaid.centroid_score_threshold = centroid_score_threshold;
    o.hnsw.k_token = k_token.value_or(o.hnsw.k_token);
    o.hnsw.ef_search = ef_search.value_or(o.hnsw.ef_search);
    return o;
  }
};

/// The documents that each query may find: all (None), those of a list of ids, or of a list of such
/// lists, one a query.
class Subsets {
 public:
  Subsets(const Index& index, nb::handle subset, size_t num_queries) {
    if (subset.is_none()) return;
    const auto entries = nb::cast<nb::list>(subset);
    if (entries.size() == 0 || !nb::isinstance<nb::list>(entries[0])) {
      add(index, entries);
      return;
    }
    for (nb::handle ids : entries) add(index, ids);
    if (filters_.size() != num_queries) {
      throw std::invalid_argument("subset: expected one list of ids, or one for each of " +
                                  std::to_string(num_queries) + " queries, got " +
                                  std::to_string(filters_.size()));
    }
  }

  bool are_per_query() const { return filters_.size() > 1; }
  const Filter* of(size_t query) const {
    if (filters_.empty()) return nullptr;
    return &filters_[are_per_query() ? query : 0];
  }

 private:
  void add(const Index& index, nb::handle ids) {
    const Ids found = to_ids(ids, "subset");
    const bool is_known = index.id_type() == found.type;
    filters_.push_back(index.filter_ids(is_known ? found.texts : std::vector<std::string>{}));
  }

  std::vector<Filter> filters_;
};

/// How many queries to search for between two looks for Ctrl-C.
size_t queries_per_part(const Index& index, const Embeddings& queries) {
  if (index.settings().kind != IndexKind::exact) return kQueriesPerPart;
  const auto products =
      static_cast<double>(index.num_tokens()) * static_cast<double>(queries.num_tokens());
  return part_size(queries.size(), products, kScannedQueriesPerPart);
}

std::shared_ptr<const Retriever> ready(IndexHandle& self) {
  std::shared_ptr<const Retriever> retriever = self.retriever();
  if (!retriever || retriever->index().size() == 0) {
    throw std::invalid_argument("The index is empty. Please add documents before querying.");
  }
  return retriever;
}

nb::list search(IndexHandle& self, nb::handle queries, const SearchArguments& arguments,
                nb::handle subset) {
  const Embeddings embeddings = to_embeddings(queries, "queries_embeddings");
  const std::shared_ptr<const Retriever> retriever = ready(self);
  const std::shared_ptr<ThreadPool> pool = self.pool();
  // Of all of them: parts would count from 0 each.
  check_embeddings(embeddings, retriever->index().settings().dim, {"query"});
  const Subsets subsets(retriever->index(), subset, embeddings.size());
  std::vector<std::vector<Hit>> hits;
  const auto search_part = [&](size_t begin, size_t end) {
    SearchOptions options = arguments.options(self.tuned(), retriever->index());
    options.filter = subsets.of(begin);
    const bool is_all = begin == 0 && end == embeddings.size();
    const Embeddings part = is_all ? Embeddings{} : slice(embeddings, begin, end);
    auto found = retriever->retrieve(is_all ? embeddings : part, options, *pool);
    std::move(found.begin(), found.end(), std::back_inserter(hits));
  };
  run_in_parts(embeddings.size(),
               subsets.are_per_query() ? 1 : queries_per_part(retriever->index(), embeddings),
               search_part);
  return to_results(hits, retriever->index().id_type().value_or(IdType::string));
}

/// For each query a list of the tokens' ids, each a list, and of their cosines, arrays.
nb::tuple nearest(IndexHandle& self, nb::handle queries, size_t k, size_t ef_search) {
  const Embeddings embeddings = to_embeddings(queries, "queries_embeddings");
  const std::shared_ptr<const Retriever> retriever = ready(self);
  const Index& index = retriever->index();
  const std::shared_ptr<ThreadPool> pool = self.pool();
  std::vector<std::vector<NearToken>> tokens;
  check_embeddings(embeddings, index.settings().dim, {"query"});
  run_in_parts(embeddings.size(), kQueriesPerPart, [&](size_t begin, size_t end) {
    auto found = nearest_tokens(slice(embeddings, begin, end), index,
                                {.k = k, .ef_search = ef_search}, *pool);
    std::move(found.begin(), found.end(), std::back_inserter(tokens));
  });
  const IdType type = index.id_type().value_or(IdType::string);
  nb::list ids, cosines;
  size_t row = 0;
  for (size_t q = 0; q < embeddings.size(); ++q) {
    nb::list ids_of_query, cosines_of_query;
    for (size_t t = 0; t < embeddings.rows(q); ++t, ++row) {
      nb::list ids_of_token;
      std::vector<float> values;
      for (const NearToken& token : tokens[row]) {
        ids_of_token.append(from_id(std::string(index.id(token.document)), type));
        values.push_back(token.cosine);
      }
      ids_of_query.append(ids_of_token);
      const size_t count = values.size();
      cosines_of_query.append(to_numpy(std::move(values), {count}));
    }
    ids.append(ids_of_query);
    cosines.append(cosines_of_query);
  }
  return nb::make_tuple(ids, cosines);
}

}  // namespace

void bind_search(nb::module_& module, nb::class_<IndexHandle>& index) {
  nb::class_<SearchArguments>(module, "SearchArguments")
      .def(nb::init<>())
      .def_rw("k", &SearchArguments::k)
      .def_rw("n_ivf_probe", &SearchArguments::n_ivf_probe)
      .def_rw("n_full_scores", &SearchArguments::n_full_scores)
      .def_rw("k_token", &SearchArguments::k_token)
      .def_rw("ef_search", &SearchArguments::ef_search)
      .def_rw("centroid_score_threshold", &SearchArguments::centroid_score_threshold);
  index
      .def("search", &search, "queries_embeddings"_a.none(), "arguments"_a, "subset"_a = nb::none(),
           "Lists of {'id', 'score'}, best first, one a query.")
      .def("nearest", &nearest, "queries_embeddings"_a.none(), "k"_a, "ef_search"_a,
           "Ids and cosines of the token vectors nearest to each query vector.");
}

}  // namespace maxsimd::python
