#include "maxsimd/index/segment.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/index/stored_codebook.h"

namespace maxsimd {
namespace {

constexpr std::array<Codec, 4> kStoredCodecs = {Codec::float32, Codec::float16, Codec::int8,
                                                Codec::residual};

constexpr std::array<std::string_view, 6> kTables = {"shape",      "offsets", "sequences",
                                                     "id_offsets", "ids",     "id_order"};
constexpr std::array<std::string_view, 3> kResidualTables = {"coding", "centroids", "list_offsets"};
constexpr std::string_view kListGaps = "list_gaps";
constexpr std::string_view kListSlots = "list_slots";  // instead, in version 1

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

size_t SegmentForm::stride() const {
  return codec == Codec::residual ? codebook->codebook.residual_bytes() : code_stride(codec, dim);
}

std::optional<Segment> Segment::open_if_exists(const std::filesystem::path& folder,
                                               const SegmentForm& form) {
  std::optional<SectionFile> file =
      SectionFile::open_if_exists(folder / kSegmentFileName, kSegmentFileKind);
  if (!file) return std::nullopt;
  return Segment(*std::move(file), form);
}

Segment Segment::parse(std::span<const std::byte> bytes, std::string name,
                       const SegmentForm& form) {
  return {SectionFile::parse(bytes, std::move(name), kSegmentFileKind), form};
}

Segment::Segment(SectionFile file, const SegmentForm& form) : file_(std::move(file)), form_(form) {
  MAXSIMD_ASSERT(form.codec != Codec::residual || form.codebook != nullptr);
  for (const std::string_view table : kTables) file_.verify_section(table);
  read_shape();
  map_sections();
  if (form_.codebook) map_residuals();
  if (file_.contains(kGraphSection)) map_graph();
  check_offsets();
  check_ids();
  check_id_order();
}

void Segment::read_shape() {
  const SegmentShape shape = file_.values<SegmentShape>("shape", 1)[0];
  if (shape.codec != stored_codec(form_.codec) || shape.dim != form_.dim) {
    const std::string_view found = shape.codec < kStoredCodecs.size()
                                       ? codec_name(kStoredCodecs[shape.codec])
                                       : "unknown to this program";
    throw FormatError(file_.name() + ": expected " +
                      kind_of_vectors(codec_name(form_.codec), form_.dim) +
                      ", as the index has; found " + kind_of_vectors(found, shape.dim) +
                      "; the file is of another index: restore it, or build the index again");
  }
  if (shape.num_documents > std::numeric_limits<uint32_t>::max()) {
    file_.fail("expected fewer than 2^32 documents, found " + std::to_string(shape.num_documents));
  }
  num_documents_ = shape.num_documents;
  num_vectors_ = shape.num_vectors;
}

void Segment::check_rows(std::string_view section, std::span<const std::byte> bytes,
                         size_t stride) const {
  if (bytes.size() % stride == 0 && bytes.size() / stride == num_vectors_) return;
  file_.fail("section " + std::string(section) + ": expected " + std::to_string(num_vectors_) +
             " vectors of " + std::to_string(stride) + " bytes, found " +
             std::to_string(bytes.size()) + " bytes");
}

void Segment::map_sections() {
  const size_t stride = form_.stride();
  codes_ = file_.section("codes");
  check_rows("codes", codes_, stride);
  scales_ = file_.values<float>("scales", form_.codec == Codec::int8 ? num_vectors_ : 0);
  row_offsets_ = file_.values<uint64_t>("offsets", num_documents_ + 1);
  sequences_ = file_.values<DocId>("sequences", num_documents_);
  id_offsets_ = file_.values<uint64_t>("id_offsets", num_documents_ + 1);
  id_order_ = file_.values<uint32_t>("id_order", num_documents_);
  const auto ids = file_.section("ids");
  ids_ = {reinterpret_cast<const char*>(ids.data()), ids.size()};
}

// Residual codes, centroids and lists; needs the other sections.
void Segment::map_residuals() {
  for (const std::string_view table : kResidualTables) file_.verify_section(table);
  residuals_ = codes_;
  if (form_.has_residuals_beside()) {
    const size_t stride = form_.codebook->codebook.residual_bytes();
    residuals_ = file_.section(kResidualsSection);
    check_rows(kResidualsSection, residuals_, stride);
  }
  const SegmentCoding coding = file_.values<SegmentCoding>("coding", 1)[0];
  const Codebook& codebook = form_.codebook->codebook;
  if (coding.nbits != codebook.nbits() || coding.codebook != form_.codebook->number) {
    file_.fail("expected residuals of " + std::to_string(codebook.nbits()) + " bits of codebook " +
               std::to_string(form_.codebook->number) + ", found " + std::to_string(coding.nbits) +
               " bits of codebook " + std::to_string(coding.codebook));
  }
  centroids_ = file_.values<uint16_t>("centroids", num_vectors_);
  uint16_t largest = 0;
  for (const uint16_t centroid : centroids_) largest = std::max(largest, centroid);
  if (largest >= codebook.num_centroids()) {
    file_.fail("section centroids: expected numbers below " +
               std::to_string(codebook.num_centroids()) + ", found " + std::to_string(largest));
  }
  const bool has_lists = coding.num_lists == codebook.num_centroids();
  if (!has_lists && coding.num_lists != 0) {
    file_.fail("expected a list for each of " + std::to_string(codebook.num_centroids()) +
               " centroids, found " + std::to_string(coding.num_lists) + " lists");
  }
  map_lists(has_lists ? codebook.num_centroids() : 0);
}

void Segment::map_lists(size_t num_lists) {
  const auto offsets = file_.values<uint64_t>("list_offsets", num_lists == 0 ? 0 : num_lists + 1);
  const bool is_old = file_.contains(kListSlots);
  const std::string_view name = is_old ? kListSlots : kListGaps;
  file_.verify_section(name);
  const std::span<const std::byte> bytes = file_.section(name);
  if (num_lists == 0) {
    if (!bytes.empty()) file_.fail("section " + std::string(name) + ": expected nothing");
    return;
  }
  InvertedLists lists = {offsets, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}};
  bool is_right = false;
  if (is_old) {
    const auto slots = file_.values<uint32_t>(kListSlots, bytes.size() / sizeof(uint32_t));
    std::optional<InvertedListTables> tables = lists_of_slots(offsets, slots, size());
    is_right = tables.has_value();
    if (tables) old_lists_ = *std::move(tables);
    lists = old_lists_.view();
  } else {
    is_right = is_well_formed(lists, size());
  }
  if (!is_right) {
    file_.fail("sections list_offsets and " + std::string(name) +
               ": expected lists of slots below the size, ascending and distinct");
  }
  lists_ = lists;
}

void Segment::map_graph() {
  if (form_.codec != Codec::int8 || form_.codebook) {
    file_.fail("section graph: expected none, found one");
  }
  try {
    graph_ = GraphView::parse(file_.section(kGraphSection), static_cast<size_t>(num_vectors_));
  } catch (const FormatError& error) {
    file_.fail(std::string("section ").append(error.what()));
  }
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
  if (form_.codec == Codec::residual) return residuals();
  return {form_.codec, form_.dim, codes_, scales_, {}, nullptr};
}

CodedRows Segment::residuals() const {
  MAXSIMD_ASSERT(form_.codebook != nullptr);
  return {Codec::residual, form_.dim, residuals_, {}, centroids_, codebook()};
}

const Codebook* Segment::codebook() const {
  return form_.codebook ? &form_.codebook->codebook : nullptr;
}

CodedRows Segment::slice(const CodedRows& all, size_t slot) const {
  return all.slice(static_cast<size_t>(row_offsets_[slot]),
                   static_cast<size_t>(row_offsets_[slot + 1] - row_offsets_[slot]));
}

CodedRows Segment::rows(size_t slot) const {
  return slice(rows(), slot);
}

CodedRows Segment::residuals(size_t slot) const {
  return slice(residuals(), slot);
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
    const bool is_float = form_.codec == Codec::float32 || form_.codec == Codec::float16;
    const bool holds_values = name == "scales" || (name == "codes" && is_float);
    const Codec values = name == "scales" ? Codec::float32 : form_.codec;
    bool finite = true;
    file_.verify_section(name, [&](std::span<const std::byte> piece) {
      finite = finite && (!holds_values || all_finite(piece, values));
      file_.release(piece);
    });
    if (!finite) file_.fail("section " + name + ": expected finite values");
  }
  if (!lists_) return;
  const InvertedListTables expected =
      make_inverted_lists(centroids_, row_offsets_, lists_->num_centroids());
  if (!std::ranges::equal(lists_->offsets, expected.offsets) ||
      !std::ranges::equal(lists_->gaps, expected.gaps)) {
    file_.fail("section list_offsets, and the lists: are not those of the centroids here");
  }
}

void Segment::release_pages() const noexcept {
  file_.release(codes_);
  if (form_.has_residuals_beside()) file_.release(residuals_);
  file_.release(std::as_bytes(centroids_));
  file_.release(std::as_bytes(scales_));
}

std::string segment_name(uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kNameDigits) digits.insert(0, kNameDigits - digits.size(), '0');
  return digits;
}

std::optional<uint64_t> decimal_number(std::string_view digits) {
  uint64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || number > (std::numeric_limits<uint64_t>::max() - 9) / 10) {
      return std::nullopt;
    }
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number;
}

std::optional<uint64_t> segment_number(std::string_view name) {
  const std::optional<uint64_t> number = decimal_number(name);
  if (number && segment_name(*number) != name) return std::nullopt;  // another spelling of it
  return number;
}

}  // namespace maxsimd
