// Which parts of a tokenizer.json transformers 5 would replace by others of its own.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/text/text_pipeline.h"
#include "maxsimd/text/tokenizer_config.h"

namespace maxsimd {

/// Of a class that has code in transformers 5 (TokenizerFamily) that makes normalizer,
/// pre-tokenizer, model and post-processor anew: a sentence for users that names those of
/// `document`, a tokenizer.json with the overrides applied, that are others, as far as ids depend
/// on them; none where all are the same. `pipeline` is that document's, with its added tokens.
std::vector<std::string> made_anew_notes(const nlohmann::json& document, const std::string& where,
                                         const TokenizerConfig& config,
                                         const TextPipeline& pipeline);

}  // namespace maxsimd
