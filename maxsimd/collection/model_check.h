// Whether a model may search or extend an index.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/index_settings.h"

namespace maxsimd {

/// What to load the model of an index with: what is asked now, and of the documents' settings that
/// are not asked those the index was made with.
CheckpointOptions with_index_settings(CheckpointOptions asked, const IndexSettings& settings);

/// Throws std::invalid_argument naming index and both models when the widths differ, or, unless
/// `force`, when the fingerprints do. An index of bare embeddings has no fingerprint: its width is
/// checked only. `way_out` is what the message offers to a caller who has no other model.
void check_model(const std::filesystem::path& folder, const IndexSettings& settings,
                 const ColBERT& model, bool force, std::string_view way_out = "--force-model");

}  // namespace maxsimd
