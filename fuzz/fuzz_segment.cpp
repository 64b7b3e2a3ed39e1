// Any bytes as a segment of an index: a FormatError, or documents whose every accessor stays inside
// the file and agrees with the others. The checksums are made to fit first, as a forger would:
// what is left are the reader's own checks. Build with clang, -DMAXSIMD_BUILD_FUZZ=ON
// -DMAXSIMD_SANITIZE=address,undefined.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/checksum.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/stored_codebook.h"

namespace {

using namespace maxsimd;

constexpr size_t kFirstEntry = 16, kEntryBytes = 40, kHeaderChecksum = 4088;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class T>
T value_at(std::span<const std::byte> bytes, size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

template <class T>
void put(std::span<std::byte> bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}

void repair_checksums(std::span<std::byte> bytes) {
  if (bytes.size() < kSectionFileHeaderBytes) return;
  const size_t count = std::min<size_t>(value_at<uint32_t>(bytes, 12), kMaxSections);
  for (size_t s = 0; s < count; ++s) {
    const size_t entry = kFirstEntry + s * kEntryBytes;
    const auto offset = value_at<uint64_t>(bytes, entry + 16);
    const auto size = value_at<uint64_t>(bytes, entry + 24);
    if (offset > bytes.size() || size > bytes.size() - offset) continue;
    put(bytes, entry + 32, checksum(bytes.subspan(offset, size)));
  }
  put(bytes, kHeaderChecksum, checksum(bytes.first(kHeaderChecksum)));
}

// Sums whatever the spans show, so that the sanitizer sees every byte read.
uint64_t touch(const CodedRows& rows) {
  uint64_t sum = 0;
  for (const std::byte code : rows.codes) sum += static_cast<uint64_t>(code);
  for (const float scale : rows.scales) sum += scale > 0.0F ? 1 : 0;
  for (const uint16_t centroid : rows.centroids) sum += centroid;
  require(rows.codec != Codec::residual ||
          decode(rows, rows.codebook->kernels()).size() == rows.num_rows() * rows.dim);
  return sum;
}

void check_documents(const Segment& segment) {
  uint64_t rows = 0, sum = 0;
  for (size_t slot = 0; slot < segment.size(); ++slot) {
    const CodedRows document = segment.rows(slot);
    require(segment.row_offsets()[slot] == rows);
    rows += document.num_rows();
    sum += touch(document);
    require(segment.find(segment.sequences()[slot]) == slot);
    const std::string_view id = segment.id(slot);
    require(!id.empty() && id.size() <= kMaxIdBytes);
    const std::vector<size_t> found = segment.find_id(id);
    require(std::binary_search(found.begin(), found.end(), slot));
    segment.find_id(id.substr(1));
  }
  require(rows == segment.num_vectors() && rows == segment.rows().num_rows());
  require(sum == touch(segment.rows()));
  if (segment.codebook() == nullptr) return;
  uint64_t codes = 0;
  for (size_t slot = 0; slot < segment.size(); ++slot) codes += touch(segment.residuals(slot));
  require(codes == touch(segment.residuals()));
}

void check_lists(const Segment& segment) {
  const auto lists = segment.lists();
  if (!lists) return;
  require(lists->num_centroids() == segment.codebook()->num_centroids());
  for (size_t c = 0; c < lists->num_centroids(); ++c) {
    for (const uint32_t slot : lists->list(c)) (void)segment.id(slot);
  }
}

// Of residual vectors of dim 1 and 3: 2 bits, 5 centroids.
const SegmentForm& residual_form(size_t dim) {
  static const auto make = [](size_t of_dim) {
    std::vector<float> rows(40 * of_dim);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i * i % 17);
    ThreadPool pool(1);
    return SegmentForm{Codec::residual, of_dim,
                       std::make_shared<const StoredCodebook>(StoredCodebook{
                           .number = 7,
                           .codebook = Codebook::train({rows.data(), 40, of_dim}, 40,
                                                       {.nbits = 2, .num_centroids = 5}, pool)})};
  };
  static const SegmentForm one = make(1), three = make(3);
  return dim == 1 ? one : three;
}

void parse(std::span<const std::byte> bytes, const SegmentForm& form) {
  try {
    const Segment segment = Segment::parse(bytes, "fuzz", form);
    check_documents(segment);
    check_lists(segment);
    segment.release_pages();
    segment.verify();
  } catch (const FormatError&) {
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  AlignedBuffer<std::byte> bytes(size);
  if (size != 0) std::memcpy(bytes.data(), data, size);
  for (const bool repaired : {false, true}) {
    if (repaired) repair_checksums(bytes.span());
    for (const size_t dim : {1U, 3U}) {
      for (const Codec codec : {Codec::float32, Codec::float16, Codec::int8}) {
        parse(bytes.span(), {codec, dim, {}});
      }
      parse(bytes.span(), residual_form(dim));
      parse(bytes.span(), {Codec::int8, dim, residual_form(dim).codebook});  // codes beside it
    }
  }
  return 0;
}
