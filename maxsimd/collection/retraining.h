// What new centroids of an index are trained on (IndexWriter::compact()): vectors of its texts,
// encoded anew by its model, or what is stored of the vectors.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd {

/// The stored vectors, for messages, with the reason where no text can be encoded anew: texts that
/// are not stored or not of all documents, vectors beside their codes, or `reason`, the caller's.
/// Nothing: all texts can be encoded.
std::optional<std::string> vectors_to_train_on(const IndexWriter& writer, std::string reason = {});

/// Throws std::invalid_argument: a model was given by `argument`, and centroids are trained on
/// `vectors`, which are those of vectors_to_train_on().
[[noreturn]] void refuse_unused_model(const std::filesystem::path& folder,
                                      std::string_view argument, const std::string& vectors);

/// For CompactOptions::encode of the writer of `folder`. `progress` is called with documents
/// encoded and in all, as that of EncodeOptions. Throws as check_model(), which has `way_out`.
TextEncoder text_encoder(const std::filesystem::path& folder, const IndexWriter& writer,
                         std::shared_ptr<const ColBERT> model, std::string_view way_out,
                         std::function<void(size_t done, size_t total)> progress);

}  // namespace maxsimd
