// How evaluation asks for embeddings: it does not know models (nor does it need `colbert`).
#pragma once

#include <functional>
#include <span>
#include <string>

#include "maxsimd/base/types.h"

namespace maxsimd {

/// Turns texts into embeddings, one item a text, in order. Called with a few hundred texts at a
/// time, from one thread.
using EncodeFn = std::function<Embeddings(std::span<const std::string> texts, TextKind kind)>;

}  // namespace maxsimd
