// What is fixed when an index is made, kept in INDEX/maxsimd.json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/graph/graph_options.h"
#include "maxsimd/index/codec.h"

namespace maxsimd {

/// The version of the folder's format this program writes and reads. Later programs go on reading
/// it (tests/formats); version 0 was before the first release, and is not read.
inline constexpr uint32_t kIndexFormatVersion = 1;

/// How candidates are found.
///   exact  every document is scored
///   plaid  centroids first, then residuals of the documents near them (PLAID, Santhanam et al.
///          2022)
///   hnsw   documents of the token vectors that graphs find near the query's (as PyLate's Voyager)
enum class IndexKind { exact, plaid, hnsw };

std::string_view index_kind_name(IndexKind kind);
/// "voyager" is another name of hnsw.
std::optional<IndexKind> index_kind_from_name(std::string_view name);

/// The codec a kind stores vectors by where no other is asked for: residual for plaid, int8 for
/// hnsw, float32 for exact.
Codec default_codec(IndexKind kind);

/// Whether a kind can store vectors by the codec: hnsw by int8 only, the others by any.
bool has_codec(IndexKind kind, Codec codec);

/// Whether vectors of this kind and codec have residual codes: as all there is of them (codec
/// residual), or beside them (kind plaid of another codec, which scores its best documents by the
/// vectors).
bool has_residuals(IndexKind kind, Codec codec);

struct IndexSettings {
  size_t dim = 0;  // of the token vectors, 1 to kMaxIndexDim
  IndexKind kind = IndexKind::exact;
  Codec codec = Codec::float32;  // that the kind has
  size_t nbits = 0;              // of residual codes, where there are any: 1, 2 or 4; else 0
  // Of kind hnsw: how graphs are built (graph/graph_options.h).
  size_t m = 64;
  size_t ef_construction = 200;
  bool store_text = false;  // keep the documents' texts, to return them with hits
  std::string model;        // the model as the user gave it; empty: made from bare embeddings
  std::string fingerprint;  // of that model (collection/fingerprint.h); empty with `model`
  // What was asked of the model other than its folder says, for its documents; loaded with the
  // index, it must be asked again (collection/model_check.h).
  std::optional<size_t> document_length;  // tokens, from 1
  std::optional<std::string> document_prefix;

  bool operator==(const IndexSettings&) const = default;
};

inline constexpr size_t kMaxIndexDim = 65536;

/// Bytes a vector takes in the segments of such an index, its lists and graphs not counted.
size_t bytes_per_vector(const IndexSettings& settings);

/// Whether the folder holds an index (its marker file, maxsimd.json with our magic, is there).
bool is_index(const std::filesystem::path& folder);

/// What is wrong with the settings of an index to be made, beginning with the field's name where it
/// is one field ("nbits: expected ..., got ..."): a dim, a number of bits or a codec that the kind
/// does not have, graphs that cannot be built. Empty: nothing.
std::string problem_of(const IndexSettings& settings);

/// Writes FOLDER/maxsimd.json atomically. Throws IoError, std::invalid_argument (problem_of()).
void write_index_settings(const std::filesystem::path& folder, const IndexSettings& settings);

/// Reads it. Throws IoError ("not an index: ..."), FormatError: not ours, a newer version, a bad
/// field.
IndexSettings read_index_settings(const std::filesystem::path& folder);

}  // namespace maxsimd
