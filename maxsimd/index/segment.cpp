#include "maxsimd/index/segment.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

constexpr std::array<Codec, 3> kStoredCodecs = {Codec::float32, Codec::float16, Codec::int8};

constexpr std::array<std::string_view, 6> kTables = {"shape",      "offsets", "sequences",
                                                     "id_offsets", "ids",     "id_order"};

constexpr size_t kNameDigits = 6;

std::string kind_of_vectors(std::string_view codec, uint64_t dim) {
  return "codec " + std::string(codec) + " of dim " + std::to_string(dim);
}

// NaN and infinity have all exponent bits set.
bool all_finite(std::span<const std::byte> bytes, Codec codec) {
  size_t bad = 0;  // counted without a branch: memory speed
  if (codec == Codec::float16) {
    const std::span values(reinterpret_cast<const uint16_t*>(bytes.data()), bytes.size() / 2);
    for (const uint16_t value : values) bad += (value & 0x7c00U) == 0x7c00U ? 1 : 0;
  } else {
    const std::span values(reinterpret_cast<const uint32_t*>(bytes.data()), bytes.size() / 4);
    for (const uint32_t value : values) bad += (value & 0x7f800000U) == 0x7f800000U ? 1 : 0;
  }
  return bad == 0;
}

bool ascends(std::span<const uint64_t> values) {
  size_t descents = 0;
  for (size_t i = 1; i < values.size(); ++i) descents += values[i] < values[i - 1] ? 1 : 0;
  return descents == 0;
}

bool is_ascii(std::span<const char> text) {
  unsigned char bits = 0;
  for (const char c : text) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
  return bits < 0x80;
}

}  // namespace

uint64_t stored_codec(Codec codec) {
  return static_cast<uint64_t>(std::find(kStoredCodecs.begin(), kStoredCodecs.end(), codec) -
                               kStoredCodecs.begin());
}

std::optional<Segment> Segment::open_if_exists(const std::filesystem::path& folder, Codec codec,
                                               size_t dim) {
  std::optional<SectionFile> file =
      SectionFile::open_if_exists(folder / kSegmentFileName, kSegmentFileKind);
  if (!file) return std::nullopt;
  return Segment(*std::move(file), codec, dim);
}

Segment Segment::parse(std::span<const std::byte> bytes, std::string name, Codec codec,
                       size_t dim) {
  return {SectionFile::parse(bytes, std::move(name), kSegmentFileKind), codec, dim};
}

Segment::Segment(SectionFile file, Codec codec, size_t dim)
    : file_(std::move(file)), codec_(codec), dim_(dim) {
  for (const std::string_view table : kTables) file_.verify_section(table);
  read_shape();
  map_sections();
  check_offsets();
  check_ids();
  check_id_order();
}

void Segment::read_shape() {
  const SegmentShape shape = file_.values<SegmentShape>("shape", 1)[0];
  if (shape.codec != stored_codec(codec_) || shape.dim != dim_) {
    const std::string_view found = shape.codec < kStoredCodecs.size()
                                       ? codec_name(kStoredCodecs[shape.codec])
                                       : "unknown to this program";
    throw FormatError(file_.name() + ": expected " + kind_of_vectors(codec_name(codec_), dim_) +
                      ", as the index has; found " + kind_of_vectors(found, shape.dim) +
                      "; the file is of another index: restore it, or build the index again");
  }
  if (shape.num_documents > std::numeric_limits<uint32_t>::max()) {
    file_.fail("expected fewer than 2^32 documents, found " + std::to_string(shape.num_documents));
  }
  num_documents_ = shape.num_documents;
  num_vectors_ = shape.num_vectors;
}

void Segment::map_sections() {
  const size_t stride = code_stride(codec_, dim_);
  codes_ = file_.section("codes");
  if (codes_.size() % stride != 0 || codes_.size() / stride != num_vectors_) {
    file_.fail("section codes: expected " + std::to_string(num_vectors_) + " vectors of " +
               std::to_string(stride) + " bytes, found " + std::to_string(codes_.size()) +
               " bytes");
  }
  scales_ = file_.values<float>("scales", codec_ == Codec::int8 ? num_vectors_ : 0);
  row_offsets_ = file_.values<uint64_t>("offsets", num_documents_ + 1);
  sequences_ = file_.values<DocId>("sequences", num_documents_);
  id_offsets_ = file_.values<uint64_t>("id_offsets", num_documents_ + 1);
  id_order_ = file_.values<uint32_t>("id_order", num_documents_);
  const auto ids = file_.section("ids");
  ids_ = {reinterpret_cast<const char*>(ids.data()), ids.size()};
}

void Segment::check_offsets() const {
  if (row_offsets_.front() != 0 || row_offsets_.back() != num_vectors_ || !ascends(row_offsets_)) {
    file_.fail("section offsets: expected numbers that ascend from 0 to " +
               std::to_string(num_vectors_));
  }
  size_t descents = 0;
  for (size_t slot = 1; slot < size(); ++slot) {
    descents += sequences_[slot] <= sequences_[slot - 1] ? 1 : 0;
  }
  if (descents != 0) file_.fail("section sequences: expected numbers that ascend");
}

void Segment::check_ids() const {
  // Unsigned on purpose: an empty id and a descent wrap around to huge lengths.
  size_t bad = 0;
  for (size_t slot = 0; slot < size(); ++slot) {
    bad += id_offsets_[slot + 1] - id_offsets_[slot] - 1 < kMaxIdBytes ? 0 : 1;
  }
  if (id_offsets_.front() != 0 || id_offsets_.back() != ids_.size() || bad != 0) {
    file_.fail("section id_offsets: expected ids of 1 to " + std::to_string(kMaxIdBytes) +
               " bytes that fill section ids");
  }
  if (is_ascii(ids_)) return;
  for (size_t slot = 0; slot < size(); ++slot) {
    if (find_invalid_utf8(id(slot))) {
      file_.fail("section ids: document " + std::to_string(slot) + " has an id that is not UTF-8");
    }
  }
}

// Slots below size() whose (id, slot) strictly ascend are a permutation: none is there twice.
void Segment::check_id_order() const {
  constexpr size_t kAhead = 16;  // ids lie in another order: fetched while earlier ones compare
  for (const uint32_t slot : id_order_) {
    if (slot >= size()) file_.fail("section id_order: expected slots below the size");
  }
  for (size_t i = 1; i < id_order_.size(); ++i) {
    if (i + 2 * kAhead < id_order_.size()) {
      __builtin_prefetch(&id_offsets_[id_order_[i + 2 * kAhead]]);
      __builtin_prefetch(&ids_[id_offsets_[id_order_[i + kAhead]]]);
    }
    const int order = id(id_order_[i - 1]).compare(id(id_order_[i]));
    if (order > 0 || (order == 0 && id_order_[i - 1] >= id_order_[i])) {
      file_.fail("section id_order: expected slots in the order of their ids");
    }
  }
}

CodedRows Segment::rows() const {
  return {codec_, dim_, codes_, scales_};
}

CodedRows Segment::rows(size_t slot) const {
  return rows().slice(static_cast<size_t>(row_offsets_[slot]),
                      static_cast<size_t>(row_offsets_[slot + 1] - row_offsets_[slot]));
}

std::string_view Segment::id(size_t slot) const {
  return {ids_.data() + id_offsets_[slot],
          static_cast<size_t>(id_offsets_[slot + 1] - id_offsets_[slot])};
}

std::optional<size_t> Segment::find(DocId sequence) const {
  const auto at = std::lower_bound(sequences_.begin(), sequences_.end(), sequence);
  if (at == sequences_.end() || *at != sequence) return std::nullopt;
  return static_cast<size_t>(at - sequences_.begin());
}

std::vector<size_t> Segment::find_id(std::string_view wanted) const {
  auto at =
      std::lower_bound(id_order_.begin(), id_order_.end(), wanted,
                       [this](uint32_t slot, std::string_view other) { return id(slot) < other; });
  std::vector<size_t> slots;
  for (; at != id_order_.end() && id(*at) == wanted; ++at) slots.push_back(*at);
  return slots;
}

void Segment::verify() const {
  for (const std::string& name : file_.section_names()) {
    const bool holds_values = name == "scales" || (name == "codes" && codec_ != Codec::int8);
    const Codec values = name == "scales" ? Codec::float32 : codec_;
    bool finite = true;
    file_.verify_section(name, [&](std::span<const std::byte> piece) {
      finite = finite && (!holds_values || all_finite(piece, values));
      file_.release(piece);
    });
    if (!finite) file_.fail("section " + name + ": expected finite values");
  }
}

void Segment::release_pages() const noexcept {
  file_.release(codes_);
  file_.release(std::as_bytes(scales_));
}

std::string segment_name(uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kNameDigits) digits.insert(0, kNameDigits - digits.size(), '0');
  return digits;
}

std::optional<uint64_t> segment_number(std::string_view name) {
  uint64_t number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9' || number > (std::numeric_limits<uint64_t>::max() - 9) / 10) {
      return std::nullopt;
    }
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  if (segment_name(number) != name) return std::nullopt;  // other spellings of the number
  return number;
}

}  // namespace maxsimd
