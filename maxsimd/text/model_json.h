// The "model" of a tokenizer.json.
#pragma once

#include <memory>

#include "maxsimd/base/json.h"
#include "maxsimd/text/component_json.h"
#include "maxsimd/text/token_model.h"

namespace maxsimd {

/// `tokens` are the members of the model's "vocab" if that is an object. Throws FormatError:
/// malformed, or a type that is not supported (it is named).
std::unique_ptr<TokenModel> make_token_model(const ComponentJson& json, JsonMembers tokens);

}  // namespace maxsimd
