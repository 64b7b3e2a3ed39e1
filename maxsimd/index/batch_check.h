// What IndexWriter::add checks of a batch before it takes anything of it.
#pragma once

#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd {

/// Throws std::invalid_argument naming the document: ids, metadata, texts or embeddings that are
/// not one a document, an id that is not 1 to 512 bytes of UTF-8 or not of the type, metadata that
/// is no JSON object, another dim, values the codec cannot hold.
void check_batch(const DocumentBatch& batch, const IndexSettings& settings);

}  // namespace maxsimd
