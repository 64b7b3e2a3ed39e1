// The codebook of an index's residual codes in its folder: INDEX/centroids-N/codebook.bin
// (docs/index_format.md). Written once; another codebook has another number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "maxsimd/codebook/codebook.h"
#include "maxsimd/index/catalog.h"
#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/section_file.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

inline constexpr std::string_view kCodebookFileName = "codebook.bin";
inline constexpr SectionFileKind kCodebookFileKind = {"MAXSIMDC", 2, 1};

/// Immutable.
struct StoredCodebook {
  uint64_t number = 0;
  uint64_t header_checksum = 0;
  uint64_t size_bytes = 0;  // of the file
  Codebook codebook;
};

/// Writes INDEX/centroids-NUMBER/codebook.bin, durably: folder and file appear together. Throws
/// IoError.
void write_codebook(const std::filesystem::path& index, uint64_t number, const Codebook& codebook);

/// Reads it and checks every byte. Nothing when the file is not there. Throws IoError; FormatError
/// naming the file: damaged, or of other dim or bits than the settings'.
std::shared_ptr<const StoredCodebook> open_codebook_if_exists(const std::filesystem::path& index,
                                                              uint64_t number,
                                                              const IndexSettings& settings,
                                                              kernels::Isa isa);

/// How the segments of a commit store their vectors: by the index's codec, with residual codes
/// beside them once there is a codebook; but of codec residual, as long as there is none, as
/// float16. Nothing when the codebook's file is missing. `known`, when it is the same one, spares
/// reading it. Throws as open_codebook_if_exists(), and FormatError when the file is not the one
/// the record means.
std::optional<SegmentForm> segment_form(const std::filesystem::path& index,
                                        const IndexSettings& settings,
                                        const std::optional<CodebookRecord>& record,
                                        kernels::Isa isa,
                                        const std::shared_ptr<const StoredCodebook>& known = {});

}  // namespace maxsimd
