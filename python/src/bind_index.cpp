// IndexHandle: what maxsimd.indexes is made of.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>

#include "maxsimd/index/validation.h"
#include "python/src/arrays.h"
#include "python/src/bind_search.h"
#include "python/src/bindings.h"
#include "python/src/ids.h"
#include "python/src/index_handle.h"
#include "python/src/model.h"
#include "python/src/results.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

// How far from 1 the squared length of a unit vector in float32 may be.
constexpr double kUnitTolerance = 1e-5;
constexpr float kLargestFloat = std::numeric_limits<float>::max();
// As PyTorch's normalize(): a vector of zeros stays one.
constexpr double kLeastLength = 1e-12;

/// Vectors of length 1, to the bit as they were, stay as they are.
void normalize_rows(Embeddings& embeddings) {
  const nb::gil_scoped_release released;
  for (size_t row = 0; row < embeddings.num_tokens(); ++row) {
    const std::span<float> vector(embeddings.values.data() + row * embeddings.dim, embeddings.dim);
    double squares = 0;
    for (const float value : vector) squares += static_cast<double>(value) * value;
    if (std::abs(squares - 1) <= kUnitTolerance) continue;
    const double length = std::max(std::sqrt(squares), kLeastLength);
    for (float& value : vector) value = static_cast<float>(value / length);
  }
}

void add(IndexHandle& self, nb::handle documents_ids, nb::handle documents_embeddings,
         bool normalize) {
  const Ids ids = to_ids(documents_ids, "documents_ids");
  Embeddings embeddings = to_embeddings(documents_embeddings, "documents_embeddings");
  if (ids.texts.size() != embeddings.size()) {
    throw std::invalid_argument("documents_embeddings: expected one array for each of " +
                                std::to_string(ids.texts.size()) + " documents_ids, got " +
                                std::to_string(embeddings.size()));
  }
  if (normalize) {
    // As they are given: what is not finite has no length.
    check_embeddings(embeddings, embeddings.dim, {"document", ids.texts}, kLargestFloat);
    normalize_rows(embeddings);
  }
  if (!ids.texts.empty()) self.add(ids.texts, embeddings, ids.type);
}

nb::list remove(IndexHandle& self, nb::handle documents_ids, bool all_or_none) {
  const Ids ids = to_ids(documents_ids, "documents_ids");
  nb::list unknown;
  if (ids.texts.empty()) return unknown;
  for (const std::string& id : self.remove(ids.texts, ids.type, all_or_none)) {
    unknown.append(from_id(id, ids.type));
  }
  return unknown;
}

std::optional<DocId> find(IndexHandle& self, nb::handle document_id) {
  const std::optional<Index> index = self.index();
  nb::list one;
  one.append(document_id);
  const Ids id = to_ids(one, "document_ids");
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

Codec codec_named(const std::string& name) {
  if (const std::optional<Codec> codec = codec_from_name(name)) return *codec;
  std::string known;
  for (const Codec codec : {Codec::residual, Codec::int8, Codec::float16, Codec::float32}) {
    if (!known.empty()) known += ", ";
    known.append("'").append(codec_name(codec)).append("'");
  }
  throw std::invalid_argument("codec: expected one of " + known + ", got '" + name + "'");
}

/// Settings that an index can have; embedding_size 0 is that of the first documents.
void make_settings(IndexSettings* self, const std::string& kind,
                   const std::optional<std::string>& codec, size_t embedding_size, size_t nbits,
                   size_t m, size_t ef_construction) {
  IndexSettings settings{.dim = embedding_size == 0 ? 1 : embedding_size,
                         .nbits = nbits,
                         .m = m,
                         .ef_construction = ef_construction};
  settings.kind = index_kind_from_name(kind).value();
  settings.codec = codec ? codec_named(*codec) : default_codec(settings.kind);
  if (!has_residuals(settings.kind, settings.codec)) settings.nbits = 0;
  std::string problem = problem_of(settings);
  if (problem.starts_with("m:")) problem.front() = 'M';
  if (problem.starts_with("dim:")) problem.replace(0, 3, "embedding_size");
  if (!problem.empty()) throw std::invalid_argument(problem);
  settings.dim = embedding_size;
  std::construct_at(self, std::move(settings));
}

void make(IndexHandle* self, const std::string& folder, const IndexSettings& settings,
          size_t num_threads, uint64_t seed) {
  std::construct_at(
      self, std::filesystem::path(folder),
      IndexHandleOptions{.settings = settings, .num_threads = num_threads, .seed = seed});
}

}  // namespace

void bind_index(nb::module_& module) {
  nb::class_<IndexSettings>(module, "IndexSettings")
      .def("__init__", &make_settings, "kind"_a, "codec"_a, "embedding_size"_a = 0, "nbits"_a = 4,
           "M"_a = 64, "ef_construction"_a = 200);
  nb::class_<IndexHandle> index(module, "Index", "An index folder. maxsimd.indexes is its face.");
  bind_search(module, index);
  index.def("__init__", &make, "folder"_a, "settings"_a, "num_threads"_a = 0, "seed"_a = 42)
      .def("add", &add, "documents_ids"_a.none(), "documents_embeddings"_a.none(),
           "normalize"_a = false,
           "Adds documents, replacing those of the same ids, and commits. With normalize their "
           "vectors are stored with length 1.")
      .def("remove", &remove, "documents_ids"_a.none(), "all_or_none"_a = false,
           "Removes documents; returns the ids that were not there.")
      .def("vectors", &vectors, "document_id"_a.none())
      .def(
          "contains", [](IndexHandle& self, nb::handle id) { return find(self, id).has_value(); },
          "document_id"_a.none())
      .def("ids", &ids, "The documents' ids, in the order of adding.")
      .def("info", &info)
      .def("optimize", &IndexHandle::optimize, "progress"_a = nb::none())
      .def(
          "compact",
          [](IndexHandle& self, bool retrain, Model* model) {
            const CompactReport report =
                self.compact(retrain, model == nullptr ? nullptr : model->get());
            return nb::make_tuple(report.bytes_before, report.bytes_after);
          },
          "retrain"_a = false, "model"_a.none() = nb::none(), "Returns the bytes before and after.")
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
