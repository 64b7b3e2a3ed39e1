// Vectors are checked when they are added, so stored ones that are not finite, or give a score that
// is not, mean that the file has changed since. Damage that keeps the values finite is found by
// verify only.
#pragma once

#include <string_view>

#include "maxsimd/index/document_block.h"

namespace maxsimd {

/// Throws FormatError: the vectors of this document in `source` are damaged.
[[noreturn]] void throw_damaged(std::string_view source, DocId document);

}  // namespace maxsimd
