// What IndexWriter::add checks of a batch before it takes anything of it.
#pragma once

#include <string>

#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd {

/// Throws std::invalid_argument naming the document: ids, metadata, texts or embeddings that are
/// not one a document, an id that is not 1 to 512 bytes of UTF-8 or not of the type, metadata that
/// is no JSON object, another dim, values the codec cannot hold.
void check_batch(const DocumentBatch& batch, const IndexSettings& settings);

/// Checked metadata as the catalog stores them: with escapes of characters taken away, since SQLite
/// compares the names of fields byte by byte. Without a backslash: as they are.
std::string stored_metadata(const std::string& metadata);

}  // namespace maxsimd
