#include "maxsimd/data/embeddings_file.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/id_table.h"
#include "maxsimd/data/npz/npz_reader.h"
#include "maxsimd/data/record.h"

namespace maxsimd {
namespace {

constexpr uint64_t kMaxDim = 65536;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& problem) {
  throw FormatError(path.string() + ": " + problem +
                    "; expected arrays values [tokens, dim], offsets [n + 1] and ids [n]");
}

// The item that holds the first value that is not finite.
std::optional<size_t> find_not_finite(const Embeddings& embeddings) {
  const auto bad =
      std::ranges::find_if_not(embeddings.values, [](float value) { return std::isfinite(value); });
  if (bad == embeddings.values.end()) return std::nullopt;
  const auto row = static_cast<uint64_t>(bad - embeddings.values.begin()) / embeddings.dim;
  const auto after = std::ranges::upper_bound(embeddings.offsets, row);
  return static_cast<size_t>(after - embeddings.offsets.begin()) - 1;
}

std::vector<std::string> read_ids(const NpzReader& file) {
  if (file.header("ids").type.kind == NpyKind::unicode) return file.read_strings("ids").values;
  std::vector<std::string> ids;
  for (const int64_t id : file.read_integers("ids").values) ids.push_back(std::to_string(id));
  return ids;
}

void check_ids(const std::vector<std::string>& ids, const std::filesystem::path& path) {
  IdTable seen;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty() || ids[i].size() > kMaxIdBytes) {
      fail(path, "ids[" + std::to_string(i) + "] has " + std::to_string(ids[i].size()) +
                     " bytes, expected 1 to 512");
    }
    if (const auto earlier = seen.insert(ids[i], i)) {
      fail(path, "ids[" + std::to_string(*earlier) + "] and ids[" + std::to_string(i) +
                     "] are both '" + ids[i] + "'");
    }
  }
}

std::vector<uint64_t> read_offsets(const NpzReader& file, uint64_t num_tokens,
                                   const std::filesystem::path& path) {
  const NpyArray<int64_t> array = file.read_integers("offsets");
  if (array.shape.size() != 1 || array.values.empty() || array.values.front() != 0 ||
      !std::ranges::is_sorted(array.values) ||
      static_cast<uint64_t>(array.values.back()) != num_tokens) {
    fail(path,
         "offsets do not rise from 0 to the " + std::to_string(num_tokens) + " rows of values");
  }
  return {array.values.begin(), array.values.end()};
}

}  // namespace

EmbeddingsWriter::EmbeddingsWriter(const std::filesystem::path& path, size_t dim)
    : file_(path), dim_(dim) {
  if (dim == 0) throw std::invalid_argument(path.string() + ": embeddings of dim 0");
  file_.begin("values", {NpyKind::floating, sizeof(float)}, {dim});
}

void EmbeddingsWriter::add(std::span<const std::string> ids, const Embeddings& embeddings) {
  if (embeddings.dim != dim_ || ids.size() != embeddings.size()) {
    throw std::invalid_argument("writing embeddings: got " + std::to_string(ids.size()) +
                                " ids for " + std::to_string(embeddings.size()) + " items of dim " +
                                std::to_string(embeddings.dim) +
                                "; expected one id an item and dim " + std::to_string(dim_));
  }
  if (const auto item = find_not_finite(embeddings)) {
    throw std::invalid_argument("writing embeddings: a value of '" + ids[*item] +
                                "' is not finite");
  }
  file_.append(std::span<const float>(embeddings.values));
  const uint64_t base = offsets_.back();
  for (size_t i = 1; i < embeddings.offsets.size(); ++i) {
    offsets_.push_back(base + embeddings.offsets[i]);
  }
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

void EmbeddingsWriter::commit() {
  file_.end();
  file_.begin("offsets", {NpyKind::unsigned_integer, sizeof(uint64_t)});
  file_.append(std::span<const uint64_t>(offsets_));
  file_.end();
  file_.write_strings("ids", ids_);
  file_.commit();
}

IdentifiedEmbeddings read_embeddings(const std::filesystem::path& path) {
  const NpzReader file(path);
  NpyArray<float> values = file.read_floats("values");
  if (values.shape.size() != 2 || values.shape[1] == 0 || values.shape[1] > kMaxDim) {
    fail(path, "values is not a matrix with 1 to 65536 columns");
  }
  IdentifiedEmbeddings read;
  read.embeddings.dim = static_cast<size_t>(values.shape[1]);
  read.embeddings.offsets = read_offsets(file, values.shape[0], path);
  read.embeddings.values = std::move(values.values);
  read.ids = read_ids(file);
  if (read.ids.size() != read.embeddings.size()) {
    fail(path, std::to_string(read.ids.size()) + " ids for " +
                   std::to_string(read.embeddings.size()) + " items");
  }
  check_ids(read.ids, path);
  if (const auto item = find_not_finite(read.embeddings)) {
    fail(path, "a value of '" + read.ids[*item] + "' is not finite");
  }
  return read;
}

}  // namespace maxsimd
