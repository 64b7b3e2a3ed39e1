#include "maxsimd/index/section_file.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

static_assert(std::endian::native == std::endian::little, "section files are read in place");

constexpr size_t kNameBytes = 16;
constexpr size_t kVerifyBytes = size_t{4} << 20;  // what verifying holds in memory at a time

// A system call each, negligible beside the copy. The page cache makes pieces of memory of the size
// of a write: scans of a segment written by 1 MiB were up to 10 % slower than of one written by
// 64 KiB (ext4, Linux 6.18).
constexpr size_t kWriteBytes = size_t{64} << 10;

// The bytes of the header, as docs/index_format.md draws them.
struct Entry {
  char name[kNameBytes];
  uint64_t offset;
  uint64_t size;
  uint64_t checksum;
};
struct Header {
  char magic[8];
  uint32_t version;
  uint32_t num_sections;
  Entry sections[kMaxSections];
  char zeros[kSectionFileHeaderBytes - 16 - kMaxSections * sizeof(Entry) - sizeof(uint64_t)];
  uint64_t checksum;
};
static_assert(sizeof(Entry) == 40 && sizeof(Header) == kSectionFileHeaderBytes);

constexpr size_t kCheckedBytes = offsetof(Header, checksum);

constexpr uint64_t aligned(uint64_t offset) {
  return (offset + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
}

std::span<const std::byte> bytes_of(const Header& header) {
  return std::as_bytes(std::span(&header, 1));
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

// Names come from files: what cannot be printed is shown as '?'.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return out;
}

}  // namespace

SectionFileWriter::SectionFileWriter(const std::filesystem::path& path, const SectionFileKind& kind)
    : file_(path), kind_(kind) {
  MAXSIMD_ASSERT(kind.magic.size() == sizeof(Header::magic));
  buffer_.reserve(kWriteBytes);
  file_.write(bytes_of(Header{}));  // its place; commit() fills it
}

void SectionFileWriter::begin_section(std::string_view name) {
  MAXSIMD_ASSERT(!name.empty() && name.size() <= kNameBytes && sections_.size() < kMaxSections);
  MAXSIMD_ASSERT(std::none_of(sections_.begin(), sections_.end(),
                              [&](const Section& section) { return section.name == name; }));
  end_section();
  buffer_.resize(buffer_.size() + static_cast<size_t>(aligned(size_bytes()) - size_bytes()));
  sections_.push_back({std::string(name), size_bytes(), 0, 0});
  checksum_ = Checksum();
}

void SectionFileWriter::write(std::span<const std::byte> bytes) {
  MAXSIMD_ASSERT(!sections_.empty());
  checksum_.update(bytes);
  sections_.back().size += bytes.size();
  while (!bytes.empty()) {
    if (buffer_.empty() && bytes.size() >= kWriteBytes) return file_.write(bytes);
    const size_t count =
        std::min(bytes.size(), kWriteBytes - std::min(kWriteBytes, buffer_.size()));
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    if (buffer_.size() >= kWriteBytes) flush();
  }
}

uint64_t SectionFileWriter::size_bytes() const {
  return file_.bytes_written() + buffer_.size();
}

MappedFile SectionFileWriter::map() {
  flush();
  return file_.map();
}

void SectionFileWriter::end_section() {
  if (!sections_.empty()) sections_.back().checksum = checksum_.value();
}

void SectionFileWriter::flush() {
  file_.write(buffer_);
  buffer_.clear();
}

void SectionFileWriter::commit() {
  end_section();
  flush();
  Header header{};
  std::copy(kind_.magic.begin(), kind_.magic.end(), header.magic);
  header.version = kind_.version;
  header.num_sections = static_cast<uint32_t>(sections_.size());
  for (size_t s = 0; s < sections_.size(); ++s) {
    const Section& section = sections_[s];
    Entry& entry = header.sections[s];
    std::copy(section.name.begin(), section.name.end(), entry.name);
    entry.offset = section.offset;
    entry.size = section.size;
    entry.checksum = section.checksum;
  }
  header.checksum = checksum(bytes_of(header).first(kCheckedBytes));
  file_.overwrite(0, bytes_of(header));
  file_.commit();
}

SectionFile SectionFile::open(const std::filesystem::path& path, const SectionFileKind& kind) {
  SectionFile file;
  file.file_ = MappedFile::open(path);
  file.bytes_ = file.file_->bytes();
  file.name_ = path.string();
  file.read_header(kind);
  return file;
}

std::optional<SectionFile> SectionFile::open_if_exists(const std::filesystem::path& path,
                                                       const SectionFileKind& kind) {
  SectionFile file;
  file.file_ = MappedFile::open_if_exists(path);
  if (!file.file_) return std::nullopt;
  file.bytes_ = file.file_->bytes();
  file.name_ = path.string();
  file.read_header(kind);
  return file;
}

SectionFile SectionFile::parse(std::span<const std::byte> bytes, std::string name,
                               const SectionFileKind& kind) {
  MAXSIMD_ASSERT(reinterpret_cast<uintptr_t>(bytes.data()) % kSectionAlignment == 0);
  SectionFile file;
  file.bytes_ = bytes;
  file.name_ = std::move(name);
  file.read_header(kind);
  return file;
}

// Magic and version first: a file of another program, or of a newer one, is called that and not
// damaged.
void SectionFile::check_kind(const SectionFileKind& kind) const {
  const auto* header = reinterpret_cast<const Header*>(bytes_.data());
  const std::string_view magic(header->magic, sizeof(header->magic));
  if (magic != kind.magic) {
    fail("expected a file that starts with \"" + std::string(kind.magic) + "\", found \"" +
         printable(magic) + '"');
  }
  if (header->version > kind.version) {
    throw FormatError(name_ + ": expected format version " + std::to_string(kind.version) +
                      " or older, found " + std::to_string(header->version) +
                      "; use the newer maxsimd that wrote it");
  }
  if (header->version < kind.oldest) {
    throw FormatError(name_ + ": expected format version " + std::to_string(kind.oldest) +
                      " or newer, found " + std::to_string(header->version) +
                      "; build the index again");
  }
  if (checksum(bytes_.first(kCheckedBytes)) != header->checksum) {
    fail("the header's checksum is not that of its bytes");
  }
  if (header->num_sections > kMaxSections) {
    fail("expected at most " + std::to_string(kMaxSections) + " sections, found " +
         std::to_string(header->num_sections));
  }
}

void SectionFile::read_header(const SectionFileKind& kind) {
  if (bytes_.size() < kSectionFileHeaderBytes) {
    fail("expected at least " + std::to_string(kSectionFileHeaderBytes) + " bytes, found " +
         std::to_string(bytes_.size()));
  }
  check_kind(kind);
  const auto* header = reinterpret_cast<const Header*>(bytes_.data());
  uint64_t end = kSectionFileHeaderBytes;
  for (size_t s = 0; s < header->num_sections; ++s) {
    sections_.push_back(read_section(s, end));
    end = sections_.back().offset + sections_.back().size;
  }
  if (end != bytes_.size()) {
    fail("expected " + std::to_string(end) + " bytes, found " + std::to_string(bytes_.size()));
  }
}

// `end`: where the section before ended.
SectionFile::Section SectionFile::read_section(size_t number, uint64_t end) const {
  const Entry& entry = reinterpret_cast<const Header*>(bytes_.data())->sections[number];
  const auto* name_end = std::find(entry.name, entry.name + kNameBytes, '\0');
  Section section{std::string(entry.name, name_end), entry.offset, entry.size, entry.checksum};
  if (section.name.empty() || find(section.name) != nullptr) {
    fail("section " + std::to_string(number) + " has no name, or that of another");
  }
  const std::string what = "section " + printable(section.name);
  if (section.offset != aligned(end)) {
    fail(what + ": expected at byte " + std::to_string(aligned(end)) + ", found at " +
         std::to_string(section.offset));
  }
  if (section.offset > bytes_.size() || section.size > bytes_.size() - section.offset) {
    fail(what + ": " + std::to_string(section.size) + " bytes at " +
         std::to_string(section.offset) + " do not fit the file of " +
         std::to_string(bytes_.size()) + " bytes");
  }
  if (!all_zero(
          bytes_.subspan(static_cast<size_t>(end), static_cast<size_t>(section.offset - end)))) {
    fail(what + ": expected zeros before it");
  }
  return section;
}

const SectionFile::Section* SectionFile::find(std::string_view name) const {
  const auto at = std::find_if(sections_.begin(), sections_.end(),
                               [&](const Section& section) { return section.name == name; });
  return at == sections_.end() ? nullptr : &*at;
}

const SectionFile::Section& SectionFile::require(std::string_view name) const {
  const Section* section = find(name);
  if (section == nullptr) fail("there is no section " + std::string(name));
  return *section;
}

bool SectionFile::contains(std::string_view name) const {
  return find(name) != nullptr;
}

std::span<const std::byte> SectionFile::section(std::string_view name) const {
  const Section& section = require(name);
  return bytes_.subspan(static_cast<size_t>(section.offset), static_cast<size_t>(section.size));
}

std::span<const std::byte> SectionFile::section_of_size(std::string_view name, uint64_t count,
                                                        size_t value_size) const {
  const std::span<const std::byte> bytes = section(name);
  // Divided, not multiplied: the count is the file's and may be anything.
  if (bytes.size() % value_size != 0 || bytes.size() / value_size != count) {
    fail("section " + std::string(name) + ": expected " + std::to_string(count) + " values of " +
         std::to_string(value_size) + " bytes, found " + std::to_string(bytes.size()) + " bytes");
  }
  return bytes;
}

void SectionFile::verify_section(
    std::string_view name, const std::function<void(std::span<const std::byte>)>& seen) const {
  std::span<const std::byte> bytes = section(name);
  Checksum found;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(kVerifyBytes, bytes.size()));
    found.update(piece);
    if (seen) seen(piece);
    bytes = bytes.subspan(piece.size());
  }
  const uint64_t expected = require(name).checksum;
  if (found.value() == expected) return;
  fail("section " + std::string(name) + ": expected checksum " + std::to_string(expected) +
       ", found " + std::to_string(found.value()));
}

std::vector<std::string> SectionFile::section_names() const {
  std::vector<std::string> names;
  for (const Section& section : sections_) names.push_back(section.name);
  return names;
}

uint64_t SectionFile::header_checksum() const {
  return reinterpret_cast<const Header*>(bytes_.data())->checksum;
}

void SectionFile::release(std::span<const std::byte> bytes) const noexcept {
  if (!file_ || bytes.empty()) return;  // a section that is not there lies nowhere
  file_->release(static_cast<size_t>(bytes.data() - bytes_.data()), bytes.size());
}

void SectionFile::fail(const std::string& problem) const {
  throw FormatError(name_ + ": " + problem +
                    "; the file is damaged: restore it, or build the index again");
}

}  // namespace maxsimd
