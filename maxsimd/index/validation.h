// What search checks of embeddings before kernels trust them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "maxsimd/base/types.h"
#include "maxsimd/index/codec.h"
#include "maxsimd/index/index_settings.h"

namespace maxsimd {

/// Values beyond this are refused: their dot products could leave float32, and an infinite or NaN
/// score has no rank. (1e15^2 * 1e4 dimensions * 1e4 rows = 1e38 < 3.4e38.)
inline constexpr float kLargestValue = 1e15F;

/// The same for what a codec stores: float16 ends at 65504, which is where what has residual codes
/// ends, too (squares of such values are summed up, and vectors may wait as float16 for a
/// codebook).
constexpr float largest_value(Codec codec) {
  return codec == Codec::float16 || codec == Codec::residual ? 65504.0F : kLargestValue;
}
constexpr float largest_value(const IndexSettings& settings) {
  return largest_value(settings.nbits != 0 ? Codec::residual : settings.codec);
}

/// Says which item of a batch a message is about: kind "document" or "query", by its id where ids
/// are given, else by its number.
struct ItemNames {
  std::string_view kind;
  std::span<const std::string> ids = {};  // empty, or one an item
  size_t first_number = 0;                // number of item 0 when there are no ids
  std::string_view against = "index";     // whose dim the items must have

  std::string operator()(size_t item) const;  // `document "x"`, `query 3`
};

/// Throws std::invalid_argument unless the batch has `dim` columns (`index dim 96, got 128
/// (document "x")`), offsets that ascend from 0 and cover its values, and only finite values of
/// at most `largest` in magnitude. A batch without items passes whatever its dim.
void check_embeddings(const Embeddings& batch, size_t dim, const ItemNames& names,
                      float largest = kLargestValue);

/// The same check of the values of one matrix.
void check_matrix(MatrixView<const float> rows, const std::string& name,
                  float largest = kLargestValue);

}  // namespace maxsimd
