// The index that is there when documents are to be indexed, and whether it is what the flags ask.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/model_flags.h"
#include "maxsimd/collection/add_documents.h"
#include "maxsimd/index/index.h"

namespace maxsimd::cli {

/// What the index verb is asked.
struct IndexFlags {
  ModelFlags model;
  std::string index, embeddings;
  std::vector<std::filesystem::path> inputs;
  std::optional<std::string> kind, codec;
  std::optional<size_t> nbits;
  AddOptions add;
  ReadOptions read;
  bool replace = false;
  bool store_text = false;
  bool force_model = false;
  unsigned wait = 0;
};

/// An index that is there.
struct StoredIndex {
  IndexSettings settings;
  std::optional<IdType> id_type;
  bool has_commit = false;  // without one it is made anew
};

/// Nothing when there is none, or it is to be replaced. Throws std::invalid_argument when what is
/// there may not be, IoError, FormatError.
std::optional<StoredIndex> find_stored(const IndexFlags& flags);

/// Throws std::invalid_argument naming what an index has and what the flags ask otherwise. Tells on
/// stderr whose embeddings are taken for whose.
void check_settings(const IndexSettings& stored, const IndexFlags& flags);

/// The same, and the type of ids; an index without a commit has nothing yet.
void check_stored(const StoredIndex& stored, const IndexFlags& flags);

/// How candidates are found and vectors stored.
struct ChosenForm {
  IndexKind kind = IndexKind::exact;
  Codec codec = Codec::float32;
  size_t nbits = 0;
};
/// Adds --codec and --nbits.
void add_form_flags(CLI::App& verb, std::optional<std::string>& codec,
                    std::optional<size_t>& nbits);

/// As flags say; a kind's own codec, and 4 bits for residuals, where they say nothing. Throws
/// CLI::ValidationError for flags that do not fit together.
ChosenForm chosen_form(IndexKind kind, const std::optional<std::string>& codec,
                       const std::optional<size_t>& nbits);

/// Of the index that is there, or the one to be made.
ChosenForm chosen_form(const IndexFlags& flags, const std::optional<StoredIndex>& stored);

/// use_index_model(); but an index without a commit lends its model, if none is given now, or
/// nothing.
void use_stored_model(IndexFlags& flags, const StoredIndex& stored);

}  // namespace maxsimd::cli
