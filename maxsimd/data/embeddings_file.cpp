#include "maxsimd/data/embeddings_file.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/integer_id.h"
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

// What is in the arrays, not which there are.
[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& problem) {
  throw FormatError(path.string() + ": " + problem);
}

std::string item_name(size_t item) {
  return std::string("ids[").append(std::to_string(item)).append("]");
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

/// Checks ids in their order.
class IdChecker {
 public:
  IdChecker(const std::filesystem::path& path, const EmbeddingsChecks& checks)
      : path_(path), checks_(checks) {}

  void check(const std::string& id) {
    const size_t item = next_++;
    if (id.empty() || id.size() > kMaxIdBytes) {
      refuse(path_, item_name(item) + " has " + std::to_string(id.size()) +
                        " bytes, expected 1 to " + std::to_string(kMaxIdBytes));
    }
    if (id.find('\0') != std::string::npos) {
      refuse(path_, item_name(item) + " ('" + id.substr(0, id.find('\0')) +
                        "...') holds the character U+0000, which no list of ids can hold");
    }
    if (checks_.require_integer_ids && !is_integer_id(id)) {
      refuse(path_, item_name(item) + " is '" + id +
                        "', no decimal integer of 64 bits, and ids that are integers were asked "
                        "for; expected an array of integers, or texts like '7'");
    }
    if (checks_.check_id) checks_.check_id(id);
    if (!checks_.require_unique_ids) return;
    if (const auto earlier = seen_.insert(id, item)) {
      refuse(path_, item_name(static_cast<size_t>(*earlier)) + " and " + item_name(item) +
                        " are both '" + id + "'; ids must be unique");
    }
  }

 private:
  const std::filesystem::path& path_;
  const EmbeddingsChecks& checks_;
  IdTable seen_;
  size_t next_ = 0;
};

std::string value_problem(const std::string& id, float value, float largest) {
  const std::string which = std::string("a value of '").append(id).append("' is ");
  if (!std::isfinite(value)) return which + "not finite";
  char numbers[80];
  std::snprintf(numbers, sizeof(numbers), "%.9g; expected magnitudes of at most %.9g",
                static_cast<double>(value), static_cast<double>(largest));
  return which + numbers;
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

struct EmbeddingsReader::Impl {
  Impl(const std::filesystem::path& path, const EmbeddingsChecks& checks);

  void start();
  void check_values(const EmbeddingsChecks& checks);
  void check_ids(const EmbeddingsChecks& checks);
  [[noreturn]] void refuse_value(uint64_t row, float value, float largest);
  std::vector<std::string> read_ids(size_t count);

  std::filesystem::path path;
  NpzReader file;
  size_t dim = 0;
  std::vector<uint64_t> offsets;
  std::optional<NpzArrayStream> values, ids;
  size_t next_item = 0;
};

EmbeddingsReader::Impl::Impl(const std::filesystem::path& file_path, const EmbeddingsChecks& checks)
    : path(file_path), file(file_path) {
  start();
  const std::vector<uint64_t>& shape = values->header().shape;
  if (shape.size() != 2 || shape[1] == 0 || shape[1] > kMaxDim) {
    fail(path, "values is not a matrix with 1 to 65536 columns");
  }
  dim = static_cast<size_t>(shape[1]);
  offsets = read_offsets(file, shape[0], path);
  const size_t items = offsets.size() - 1;
  if (ids->header().shape.size() != 1 || ids->remaining() != items) {
    fail(path, std::to_string(ids->remaining()) + " ids for " + std::to_string(items) + " items");
  }
  check_values(checks);
  check_ids(checks);
  start();
}

void EmbeddingsReader::Impl::start() {
  values.emplace(file.open_array("values"));
  ids.emplace(file.open_array("ids"));
}

constexpr size_t kPiece = size_t{1} << 16;  // values or ids checked together

// One pass over everything, so that a bad value at the end is known before work begins.
void EmbeddingsReader::Impl::check_values(const EmbeddingsChecks& checks) {
  const float largest = checks.largest_value;
  Embeddings piece;
  for (uint64_t row = 0; row < offsets.back();) {
    const auto rows = static_cast<size_t>(
        std::min<uint64_t>(offsets.back() - row, std::max<size_t>(1, kPiece / dim)));
    piece.values.resize(rows * dim);
    values->read(std::span(piece.values));
    const auto bad = std::ranges::find_if_not(  // NaN fails the comparison
        piece.values, [largest](float v) { return std::fabs(v) <= largest; });
    if (bad != piece.values.end()) {
      refuse_value(row + static_cast<uint64_t>(bad - piece.values.begin()) / dim, *bad, largest);
    }
    row += rows;
    if (checks.progress) checks.progress(row, offsets.back());
  }
}

void EmbeddingsReader::Impl::refuse_value(uint64_t row, float value, float largest) {
  const auto item =
      static_cast<size_t>(std::ranges::upper_bound(offsets, row) - offsets.begin()) - 1;
  ids.emplace(file.open_array("ids"));
  refuse(path, value_problem(read_ids(item + 1).back(), value, largest));
}

void EmbeddingsReader::Impl::check_ids(const EmbeddingsChecks& checks) {
  IdChecker checker(path, checks);
  for (size_t item = 0; item + 1 < offsets.size(); item += kPiece) {
    for (const std::string& id : read_ids(std::min(kPiece, offsets.size() - 1 - item))) {
      checker.check(id);
    }
  }
}

std::vector<std::string> EmbeddingsReader::Impl::read_ids(size_t count) {
  std::vector<std::string> out(count);
  if (ids->header().type.kind == NpyKind::unicode) {
    ids->read(std::span(out));
    return out;
  }
  std::vector<int64_t> numbers(count);
  ids->read(std::span(numbers));
  for (size_t i = 0; i < count; ++i) out[i] = std::to_string(numbers[i]);
  return out;
}

EmbeddingsReader::EmbeddingsReader(const std::filesystem::path& path,
                                   const EmbeddingsChecks& checks)
    : impl_(std::make_unique<Impl>(path, checks)) {}
EmbeddingsReader::EmbeddingsReader(EmbeddingsReader&&) noexcept = default;
EmbeddingsReader& EmbeddingsReader::operator=(EmbeddingsReader&&) noexcept = default;
EmbeddingsReader::~EmbeddingsReader() = default;

size_t EmbeddingsReader::size() const {
  return impl_->offsets.size() - 1;
}
size_t EmbeddingsReader::dim() const {
  return impl_->dim;
}
uint64_t EmbeddingsReader::num_tokens() const {
  return impl_->offsets.back();
}
bool EmbeddingsReader::has_integer_ids() const {
  return impl_->ids->header().type.kind != NpyKind::unicode;
}

IdentifiedEmbeddings EmbeddingsReader::next(size_t max_values) {
  const std::vector<uint64_t>& offsets = impl_->offsets;
  const size_t begin = impl_->next_item;
  size_t end = std::min(begin + 1, size());
  // An item without rows counts as one, so that ids are bounded, too.
  while (end < size() &&
         std::max<uint64_t>(offsets[end + 1] - offsets[begin], end + 1 - begin) * dim() <=
             max_values) {
    ++end;
  }
  IdentifiedEmbeddings piece;
  piece.embeddings.dim = dim();
  for (size_t item = begin; item < end; ++item) {
    piece.embeddings.offsets.push_back(offsets[item + 1] - offsets[begin]);
  }
  piece.embeddings.values.resize(piece.embeddings.num_tokens() * dim());
  impl_->values->read(std::span(piece.embeddings.values));
  piece.ids = impl_->read_ids(end - begin);
  impl_->next_item = end;
  return piece;
}

IdentifiedEmbeddings read_embeddings(const std::filesystem::path& path) {
  EmbeddingsReader reader(path, {.require_unique_ids = true});
  return reader.next(std::numeric_limits<size_t>::max());
}

}  // namespace maxsimd
