#include "maxsimd/index/segment_writer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/graph/graph_builder.h"
#include "maxsimd/index/residual_coding.h"
#include "maxsimd/index/stored_codebook.h"

namespace maxsimd {
namespace {

// An id's first bytes as a number that compares as they do: most comparisons of a sort end here,
// without a look at the ids.
uint64_t prefix_of(std::string_view id) {
  uint64_t prefix = 0;
  for (size_t i = 0; i < sizeof(prefix); ++i) {
    prefix = prefix << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0U);
  }
  return prefix;
}

}  // namespace

SegmentWriter::SegmentWriter(const std::filesystem::path& segments, uint64_t number,
                             SegmentForm form, const kernels::KernelTable& kernels,
                             uint64_t fewest_listed)
    : number_(number),
      form_(std::move(form)),
      fewest_listed_(fewest_listed),
      kernels_(kernels),
      folder_(segments / segment_name(number)),
      file_(folder_.path() / kSegmentFileName, kSegmentFileKind) {
  file_.begin_section("codes");
}

const Codebook* SegmentWriter::codebook() const {
  return form_.codebook ? &form_.codebook->codebook : nullptr;
}

void SegmentWriter::add(DocId sequence, std::string_view id, MatrixView<const float> rows) {
  MAXSIMD_ASSERT(rows.cols == form_.dim && form_.codec != Codec::residual);
  MAXSIMD_ASSERT(!has_begun_residuals_);
  const size_t num_code_bytes = rows.rows * form_.stride();
  encoded_.ensure(num_code_bytes);
  const std::span<std::byte> codes = encoded_.span().first(num_code_bytes);
  std::span<float> scales;
  if (form_.codec == Codec::int8) {
    scales_.resize(scales_.size() + rows.rows);
    scales = std::span(scales_).last(rows.rows);
  }
  encode_rows(form_.codec, rows, kernels_, codes, scales);
  file_.write(codes);
  add_tables(sequence, id, rows.rows);
}

void SegmentWriter::add(DocId sequence, std::string_view id, const CodedRows& rows) {
  MAXSIMD_ASSERT(rows.codec == form_.codec && rows.dim == form_.dim);
  MAXSIMD_ASSERT(rows.codebook == (form_.codec == Codec::residual ? codebook() : nullptr));
  MAXSIMD_ASSERT(!has_begun_residuals_);
  file_.write(rows.codes);
  centroids_.insert(centroids_.end(), rows.centroids.begin(), rows.centroids.end());
  scales_.insert(scales_.end(), rows.scales.begin(), rows.scales.end());
  add_tables(sequence, id, rows.num_rows());
}

double SegmentWriter::code_residuals(ThreadPool& pool, const RecodeProgress& progress) {
  MAXSIMD_ASSERT(has_residuals_beside());
  const MappedFile written = file_.map();
  const CodedRows rows = {form_.codec, form_.dim, written_vectors(written), scales_, {}, nullptr};
  CodedResiduals coded(*codebook());
  const size_t most = std::max<size_t>(kRecodedValues / form_.dim, 1);
  double error = 0.0;
  for (size_t first = 0; first < rows.num_rows(); first += most) {
    const size_t count = std::min(most, rows.num_rows() - first);
    const std::vector<float> values = decode(rows.slice(first, count), kernels_);
    error += coded.encode({values.data(), count, form_.dim}, pool);
    add_residuals(coded.rows());
    written.release(kSectionFileHeaderBytes + first * form_.stride(), count * form_.stride());
    if (progress) progress(count);
  }
  return error;
}

void SegmentWriter::add_residuals(const CodedRows& rows) {
  MAXSIMD_ASSERT(has_residuals_beside() && rows.codebook == codebook());
  if (!std::exchange(has_begun_residuals_, true)) file_.begin_section(kResidualsSection);
  file_.write(rows.codes);
  centroids_.insert(centroids_.end(), rows.centroids.begin(), rows.centroids.end());
}

void SegmentWriter::add_tables(DocId sequence, std::string_view id, size_t num_rows) {
  MAXSIMD_ASSERT(sequences_.empty() || sequence > sequences_.back());
  MAXSIMD_ASSERT(!id.empty() && id.size() <= kMaxIdBytes);
  MAXSIMD_ASSERT(sequences_.size() < std::numeric_limits<uint32_t>::max());
  sequences_.push_back(sequence);
  row_offsets_.push_back(row_offsets_.back() + num_rows);
  ids_.append(id);
  id_offsets_.push_back(ids_.size());
}

uint64_t SegmentWriter::size_bytes() const {
  return file_.size_bytes() + std::span(scales_).size_bytes() + std::span(centroids_).size_bytes() +
         std::span(row_offsets_).size_bytes() + std::span(sequences_).size_bytes() +
         std::span(id_offsets_).size_bytes() + ids_.size() + size() * sizeof(uint32_t);
}

std::string_view SegmentWriter::id(size_t slot) const {
  return std::string_view(ids_).substr(
      static_cast<size_t>(id_offsets_[slot]),
      static_cast<size_t>(id_offsets_[slot + 1] - id_offsets_[slot]));
}

std::vector<uint32_t> SegmentWriter::id_order() const {
  struct Key {
    uint64_t prefix;
    uint32_t slot;
  };
  std::vector<Key> keys;
  keys.reserve(size());
  for (size_t slot = 0; slot < size(); ++slot) {
    keys.push_back({prefix_of(id(slot)), static_cast<uint32_t>(slot)});
  }
  std::sort(keys.begin(), keys.end(), [this](const Key& a, const Key& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int order = id(a.slot).compare(id(b.slot));
    return order != 0 ? order < 0 : a.slot < b.slot;
  });
  std::vector<uint32_t> order;
  order.reserve(size());
  for (const Key& key : keys) order.push_back(key.slot);
  return order;
}

void SegmentWriter::write_residual_tables() {
  if (has_residuals_beside() && !has_begun_residuals_) file_.begin_section(kResidualsSection);
  MAXSIMD_ASSERT(centroids_.size() == num_vectors());
  const Codebook& codebook = form_.codebook->codebook;
  const bool has_lists = num_vectors() >= fewest_listed_;
  const SegmentCoding coding = {codebook.nbits(), form_.codebook->number,
                                has_lists ? codebook.num_centroids() : 0};
  file_.begin_section("coding");
  file_.write_values(std::span<const SegmentCoding>(&coding, 1));
  file_.begin_section("centroids");
  file_.write_values(std::span<const uint16_t>(centroids_));
  InvertedListTables lists;
  if (has_lists) lists = make_inverted_lists(centroids_, row_offsets_, codebook.num_centroids());
  file_.begin_section("list_offsets");
  file_.write_values(std::span<const uint64_t>(lists.offsets));
  file_.begin_section("list_gaps");
  file_.write_values(std::span<const uint8_t>(lists.gaps));
}

// The vectors, which are on their way to the disk.
std::span<const std::byte> SegmentWriter::written_vectors(const MappedFile& file) const {
  return file.bytes().subspan(kSectionFileHeaderBytes,
                              static_cast<size_t>(num_vectors()) * form_.stride());
}

void SegmentWriter::add_graph(const GraphOptions& options, ThreadPool& pool) {
  MAXSIMD_ASSERT(form_.codec == Codec::int8);
  const MappedFile written = file_.map();
  const std::span<const std::byte> codes = written_vectors(written);
  const VectorsI8 vectors = {
      {reinterpret_cast<const int8_t*>(codes.data()), codes.size()}, form_.stride(), scales_};
  const std::vector<std::byte> graph = build_graph(vectors, options, pool);
  file_.begin_section(kGraphSection);
  file_.write(graph);
}

void SegmentWriter::commit() {
  const SegmentShape shape = {stored_codec(form_.codec), form_.dim, size(), num_vectors()};
  const auto write_table = [this](std::string_view name, auto values) {
    file_.begin_section(name);
    file_.write_values(values);
  };
  const std::vector<uint32_t> order = id_order();
  if (form_.codebook) write_residual_tables();
  write_table("scales", std::span<const float>(scales_));
  write_table("offsets", std::span<const uint64_t>(row_offsets_));
  write_table("sequences", std::span<const DocId>(sequences_));
  write_table("id_offsets", std::span<const uint64_t>(id_offsets_));
  write_table("ids", std::span<const char>(ids_));
  write_table("id_order", std::span<const uint32_t>(order));
  write_table("shape", std::span<const SegmentShape>(&shape, 1));
  file_.commit();
  folder_.commit();
}

}  // namespace maxsimd
