// Whether a model may search or extend an index.
#pragma once

#include <filesystem>
#include <string>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/index_settings.h"

namespace maxsimd {

/// Throws std::invalid_argument naming index and both models when the widths differ, or, unless
/// `force`, when the fingerprints do. An index of bare embeddings has no fingerprint: its width is
/// checked only.
void check_model(const std::filesystem::path& folder, const IndexSettings& settings,
                 const ColBERT& model, bool force);

}  // namespace maxsimd
