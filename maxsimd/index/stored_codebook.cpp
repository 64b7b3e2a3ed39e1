#include "maxsimd/index/stored_codebook.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostCentroids = uint64_t{1} << 16;  // their numbers are 16 bits on disk

constexpr std::string_view kTables[] = {"shape", "cutoffs", "weights"};
constexpr std::string_view kCentroids = "centroids";
constexpr std::string_view kHalfCentroids = "centroids_f16";  // instead, where they are such

struct Shape {
  uint64_t dim = 0;
  uint64_t nbits = 0;
  uint64_t num_centroids = 0;
  uint64_t num_probes = 0;
  double error = 0.0;
  double norm = 0.0;
};

std::string described(uint64_t nbits, uint64_t dim) {
  return std::to_string(nbits) + " bits of dim " + std::to_string(dim);
}

std::vector<float> floats(const SectionFile& file, std::string_view name, uint64_t count) {
  const std::span<const float> values = file.values<float>(name, count);
  return {values.begin(), values.end()};
}

std::vector<float> read_centroids(const SectionFile& file, uint64_t count,
                                  const kernels::KernelTable& kernels) {
  const bool are_halves = file.contains(kHalfCentroids);
  file.verify_section(are_halves ? kHalfCentroids : kCentroids);
  if (!are_halves) return floats(file, kCentroids, count);
  const std::span<const uint16_t> halves = file.values<uint16_t>(kHalfCentroids, count);
  std::vector<float> values(halves.size());
  kernels.f16_to_f32(halves.data(), halves.size(), values.data());
  return values;
}

void write_centroids(SectionFileWriter& file, const Codebook& codebook) {
  const std::vector<float>& values = codebook.parts().centroids;
  std::vector<uint16_t> halves(values.size());
  std::vector<float> read(values.size());
  codebook.kernels().f32_to_f16(values.data(), values.size(), halves.data());
  codebook.kernels().f16_to_f32(halves.data(), halves.size(), read.data());
  if (read == values) {
    file.begin_section(kHalfCentroids);
    file.write_values(std::span<const uint16_t>(halves));
  } else {
    file.begin_section(kCentroids);
    file.write_values(std::span<const float>(values));
  }
}

CodebookParts read_parts(const SectionFile& file, const IndexSettings& settings,
                         const kernels::KernelTable& kernels) {
  for (const std::string_view table : kTables) file.verify_section(table);
  const Shape shape = file.values<Shape>("shape", 1)[0];
  if (shape.dim != settings.dim || shape.nbits != settings.nbits) {
    file.fail("expected " + described(settings.nbits, settings.dim) + ", as the index has; found " +
              described(shape.nbits, shape.dim));
  }
  // Before it is multiplied.
  if (shape.num_centroids == 0 || shape.num_centroids > kMostCentroids) {
    file.fail("expected 1 to " + std::to_string(kMostCentroids) + " centroids, found " +
              std::to_string(shape.num_centroids));
  }
  const uint64_t buckets = uint64_t{1} << shape.nbits;
  return {.dim = settings.dim,
          .nbits = settings.nbits,
          .centroids = read_centroids(file, shape.num_centroids * shape.dim, kernels),
          .cutoffs = floats(file, "cutoffs", (buckets - 1) * shape.dim),
          .weights = floats(file, "weights", buckets * shape.dim),
          .norm = static_cast<float>(shape.norm),
          .error = shape.error,
          .num_probes = shape.num_probes};
}

}  // namespace

void write_codebook(const fs::path& index, uint64_t number, const Codebook& codebook) {
  const CodebookParts& parts = codebook.parts();
  const Shape shape = {parts.dim,        parts.nbits, codebook.num_centroids(),
                       parts.num_probes, parts.error, double{parts.norm}};
  AtomicFolderWriter folder(codebook_path(index, number));
  SectionFileWriter file(folder.path() / kCodebookFileName, kCodebookFileKind);
  write_centroids(file, codebook);
  file.begin_section("cutoffs");
  file.write_values(std::span<const float>(parts.cutoffs));
  file.begin_section("weights");
  file.write_values(std::span<const float>(parts.weights));
  file.begin_section("shape");
  file.write_values(std::span<const Shape>(&shape, 1));
  file.commit();
  folder.commit();
}

std::shared_ptr<const StoredCodebook> open_codebook_if_exists(const fs::path& index,
                                                              uint64_t number,
                                                              const IndexSettings& settings,
                                                              kernels::Isa isa) {
  const auto file = SectionFile::open_if_exists(codebook_path(index, number) / kCodebookFileName,
                                                kCodebookFileKind);
  if (!file) return nullptr;
  CodebookParts parts = read_parts(*file, settings, kernels::kernel_table(isa));
  try {
    return std::make_shared<const StoredCodebook>(
        StoredCodebook{number, file->header_checksum(), file->size_bytes(),
                       Codebook::from_parts(std::move(parts), isa)});
  } catch (const std::invalid_argument& error) {
    file->fail(error.what());
  }
}

std::optional<SegmentForm> segment_form(const fs::path& index, const IndexSettings& settings,
                                        const std::optional<CodebookRecord>& record,
                                        kernels::Isa isa,
                                        const std::shared_ptr<const StoredCodebook>& known) {
  const bool is_residual = settings.codec == Codec::residual;
  if (!record) return SegmentForm{is_residual ? Codec::float16 : settings.codec, settings.dim, {}};
  if (settings.nbits == 0) {
    throw FormatError(index.string() + ": the catalog names a codebook, which kind " +
                      std::string(index_kind_name(settings.kind)) + " with codec " +
                      std::string(codec_name(settings.codec)) +
                      " does not have; restore the folder as a whole");
  }
  const bool is_known =
      known && known->number == record->number && known->header_checksum == record->header_checksum;
  auto codebook = is_known ? known : open_codebook_if_exists(index, record->number, settings, isa);
  if (!codebook) return std::nullopt;
  if (codebook->header_checksum != record->header_checksum) {
    throw FormatError(codebook_path(index, record->number).string() +
                      ": is not the codebook that the catalog knows under this number; restore the "
                      "folder as a whole");
  }
  return SegmentForm{settings.codec, settings.dim, std::move(codebook)};
}

}  // namespace maxsimd
