// IndexHandle: what maxsimd.indexes is made of.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <stdexcept>

#include "maxsimd/search/retrieve.h"
#include "python/src/arrays.h"
#include "python/src/bindings.h"
#include "python/src/ids.h"
#include "python/src/index_handle.h"
#include "python/src/results.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

// Queries between two looks for Ctrl-C: a fraction of a second on indexes of a machine's size.
constexpr size_t kQueriesPerCall = 64;

/// What a search is asked; None: what was tuned for the index, else the default.
struct SearchArguments {
  size_t k = 10;
  std::optional<size_t> n_ivf_probe, n_full_scores, k_token, ef_search;
  std::optional<float> centroid_score_threshold;

  SearchOptions options(const std::optional<TunedSearch>& tuned) const {
    SearchOptions o{.k = k};
    if (tuned && tuned->n_ivf_probe != 0) {
      o.plaid.n_ivf_probe = tuned->n_ivf_probe;
      o.plaid.n_full_scores = tuned->n_full_scores;
    }
    if (tuned && tuned->k_token != 0) {
      o.hnsw = {.k_token = tuned->k_token, .ef_search = tuned->ef_search};
    }
    o.plaid.n_ivf_probe = n_ivf_probe.value_or(o.plaid.n_ivf_probe);
    o.plaid.n_full_scores = n_full_scores.value_or(o.plaid.n_full_scores);
    o.plaid.centroid_score_threshold = centroid_score_threshold;
    o.hnsw.k_token = k_token.value_or(o.hnsw.k_token);
    o.hnsw.ef_search = ef_search.value_or(o.hnsw.ef_search);
    return o;
  }
};

Embeddings slice(const Embeddings& all, size_t begin, size_t end) {
  Embeddings part{.dim = all.dim};
  for (size_t i = begin; i < end; ++i) part.append(all.matrix(i));
  return part;
}

/// The documents that each query may find: none, one filter for all, or one a query.
class Subsets {
 public:
  Subsets(const Index& index, nb::handle subset, size_t num_queries) {
    if (subset.is_none()) return;
    nb::list entries(subset);
    if (entries.size() == 0 || nb::isinstance<nb::str>(entries[0]) ||
        !nb::isinstance<nb::sequence>(entries[0])) {
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
    filters_.push_back(index.filter_ids(to_ids(ids, "subset").texts));
  }

  std::vector<Filter> filters_;
};

nb::list search(IndexHandle& self, nb::handle queries, const SearchArguments& arguments,
                nb::handle subset) {
  const Embeddings embeddings = to_embeddings(queries, "queries_embeddings");
  const std::shared_ptr<const Retriever> retriever = self.retriever();
  if (!retriever || retriever->index().size() == 0) {
    throw std::invalid_argument("The index is empty. Please add documents before querying.");
  }
  const std::shared_ptr<ThreadPool> pool = self.pool();
  const Subsets subsets(retriever->index(), subset, embeddings.size());
  std::vector<std::vector<Hit>> hits;
  const auto search_part = [&](size_t begin, size_t end) {
    SearchOptions options = arguments.options(self.tuned());
    options.filter = subsets.of(begin);
    auto found = retriever->retrieve(slice(embeddings, begin, end), options, *pool);
    std::move(found.begin(), found.end(), std::back_inserter(hits));
  };
  const size_t step = subsets.are_per_query() ? 1 : kQueriesPerCall;
  if (embeddings.size() <= step) {
    const nb::gil_scoped_release released;
    if (embeddings.size() != 0) search_part(0, embeddings.size());
  } else {
    run_interruptibly([&](Watch& watch) {
      for (size_t begin = 0; begin < embeddings.size(); begin += step) {
        watch.check();
        search_part(begin, std::min(begin + step, embeddings.size()));
      }
    });
  }
  return to_results(hits, retriever->index().id_type().value_or(IdType::string));
}

void add(IndexHandle& self, nb::handle documents_ids, nb::handle documents_embeddings) {
  const Ids ids = to_ids(documents_ids, "documents_ids");
  const Embeddings embeddings = to_embeddings(documents_embeddings, "documents_embeddings");
  if (ids.texts.size() != embeddings.size()) {
    throw std::invalid_argument("documents_embeddings: expected one array for each of " +
                                std::to_string(ids.texts.size()) + " documents_ids, got " +
                                std::to_string(embeddings.size()));
  }
  if (!ids.texts.empty()) self.add(ids.texts, embeddings, ids.type);
}

nb::list remove(IndexHandle& self, nb::handle documents_ids, bool all_or_none) {
  const Ids ids = to_ids(documents_ids, "documents_ids");
  nb::list unknown;
  if (ids.texts.empty()) return unknown;
  for (const std::string& id : self.remove(ids.texts, all_or_none)) {
    unknown.append(from_id(id, ids.type));
  }
  return unknown;
}

std::optional<DocId> find(IndexHandle& self, nb::handle document_id) {
  const std::optional<Index> index = self.index();
  nb::list one;
  one.append(document_id);
  const Ids id = to_ids(one, "documents_ids");
  if (!index || index->id_type() != id.type) return std::nullopt;
  return index->find(id.texts.front());
}

/// The stored vectors of a document, decoded; None when it is not there.
nb::object vectors(IndexHandle& self, nb::handle document_id) {
  const std::optional<DocId> document = find(self, document_id);
  if (!document) return nb::none();
  const Index index = *self.index();
  const CodedRows rows = index.rows(*document);
  return nb::cast(to_numpy(decode(rows, index.kernels()), {rows.num_rows(), rows.dim}));
}

nb::dict info(IndexHandle& self) {
  nb::dict result;
  const std::optional<Index> index = self.index();
  if (!index) return result;
  const IndexSettings& settings = index->settings();
  result["documents"] = index->size();
  result["deleted"] = index->num_deleted();
  result["tokens"] = index->num_tokens();
  result["segments"] = index->num_segments();
  result["dim"] = settings.dim;
  result["kind"] = std::string(index_kind_name(settings.kind));
  result["codec"] = std::string(codec_name(settings.codec));
  result["nbits"] = settings.nbits;
  result["bytes"] = index->size_bytes();
  result["bytes_per_token"] = index->bytes_per_token();
  result["commit"] = index->commit();
  return result;
}

nb::list ids(IndexHandle& self) {
  nb::list result;
  const std::optional<Index> index = self.index();
  if (!index) return result;
  const IdType type = index->id_type().value_or(IdType::string);
  for (const DocId document : index->documents()) {
    result.append(from_id(std::string(index->id(document)), type));
  }
  return result;
}

template <class T>
T named(std::optional<T> value, const char* what, const std::string& name) {
  if (!value) throw std::invalid_argument(std::string(what) + ": there is no '" + name + "'");
  return *value;
}

void make(IndexHandle* self, const std::string& folder, const std::string& kind,
          const std::optional<std::string>& codec, const IndexSettings& given, size_t num_threads,
          uint64_t seed) {
  IndexSettings settings = given;
  settings.kind = named(index_kind_from_name(kind), "kind", kind);
  settings.codec = codec_of_kind(settings.kind).value_or(Codec::float32);
  if (codec) settings.codec = named(codec_from_name(*codec), "codec", *codec);
  if (settings.codec != Codec::residual) settings.nbits = 0;
  std::construct_at(
      self, std::filesystem::path(folder),
      IndexHandleOptions{.settings = settings, .num_threads = num_threads, .seed = seed});
}

}  // namespace

void bind_index(nb::module_& module) {
  nb::class_<IndexSettings>(module, "IndexSettings")
      .def(
          "__init__",
          [](IndexSettings* self, size_t embedding_size, size_t nbits, size_t m,
             size_t ef_construction) {
            std::construct_at(self, IndexSettings{.dim = embedding_size,
                                                  .nbits = nbits,
                                                  .m = m,
                                                  .ef_construction = ef_construction});
          },
          "embedding_size"_a = 0, "nbits"_a = 4, "m"_a = 64, "ef_construction"_a = 200);
  nb::class_<SearchArguments>(module, "SearchArguments")
      .def(nb::init<>())
      .def_rw("k", &SearchArguments::k)
      .def_rw("n_ivf_probe", &SearchArguments::n_ivf_probe)
      .def_rw("n_full_scores", &SearchArguments::n_full_scores)
      .def_rw("k_token", &SearchArguments::k_token)
      .def_rw("ef_search", &SearchArguments::ef_search)
      .def_rw("centroid_score_threshold", &SearchArguments::centroid_score_threshold);
  nb::class_<IndexHandle>(module, "Index", "An index folder. maxsimd.indexes is its face.")
      .def("__init__", &make, "folder"_a, "kind"_a, "codec"_a, "settings"_a, "num_threads"_a = 0,
           "seed"_a = 42)
      .def("add", &add, "documents_ids"_a, "documents_embeddings"_a,
           "Adds documents, replacing those of the same ids, and commits.")
      .def("remove", &remove, "documents_ids"_a, "all_or_none"_a = false,
           "Removes documents; returns the ids that were not there.")
      .def("search", &search, "queries_embeddings"_a, "arguments"_a, "subset"_a = nb::none(),
           "Lists of {'id', 'score'}, best first, one a query.")
      .def("vectors", &vectors, "document_id"_a)
      .def("contains", [](IndexHandle& self, nb::handle id) { return find(self, id).has_value(); })
      .def("ids", &ids, "The documents' ids, in the order of adding.")
      .def("info", &info)
      .def("optimize", &IndexHandle::optimize, "progress"_a = nb::none())
      .def(
          "compact",
          [](IndexHandle& self, bool retrain) {
            const CompactReport report = self.compact(retrain);
            return nb::make_tuple(report.bytes_before, report.bytes_after);
          },
          "retrain"_a = false, "Returns the bytes before and after.")
      .def_static(
          "remove_folder",
          [](const std::string& folder) { remove_index_folder(folder, kLockTimeoutMs); },
          "folder"_a, nb::call_guard<nb::gil_scoped_release>(),
          "Deletes the index of a folder, if there is one.")
      .def("refresh", &IndexHandle::refresh)
      .def("__len__", [](IndexHandle& self) {
        const std::optional<Index> index = self.index();
        return index ? index->size() : 0;
      });
}

}  // namespace maxsimd::python
