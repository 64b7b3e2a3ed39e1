#include "maxsimd/search/packed_query.h"

#include <algorithm>
#include <array>

#include "maxsimd/base/errors.h"
#include "maxsimd/codebook/codebook.h"

namespace maxsimd {
namespace {

// Four chains hide the latency of the adder; the order is fixed.
float sum(std::span<const float> best, float floor) {
  constexpr size_t kChains = 4;
  std::array<double, kChains> chains{};
  size_t row = 0;
  for (; row + kChains <= best.size(); row += kChains) {
    for (size_t c = 0; c < kChains; ++c) chains[c] += std::max(best[row + c], floor);
  }
  for (; row < best.size(); ++row) chains[0] += std::max(best[row], floor);
  return static_cast<float>((chains[0] + chains[1]) + (chains[2] + chains[3]));
}

}  // namespace

void PackedQuery::pack(MatrixView<const float> query, Codec codec) {
  num_rows_ = query.rows;
  codec_ = codec;
  if (codec == Codec::int8) {
    packed_i8_.pack(query);
  } else {
    packed_f32_.pack(query);
  }
}

float PackedQuery::maxsim(const CodedRows& document, const kernels::KernelTable& kernels,
                          AlignedBuffer<float>& scratch, float floor) const {
  const size_t rows = document.num_rows();
  if (rows == 0 && floor == kNoFloor) return kNoFloor;
  const size_t columns = kernels::num_panels_of(num_rows_) * kernels::kPanelColumns;
  scratch.ensure(columns);
  // float16 and residual documents may lie in one index: both want the query in float32.
  MAXSIMD_ASSERT((document.codec == Codec::int8) == (codec_ == Codec::int8));
  switch (document.codec) {
    case Codec::float32:
      kernels.maxsim_f32(packed_f32_, document.codes_as<float>(), rows, scratch.data());
      break;
    case Codec::float16:
      kernels.maxsim_f16(packed_f32_, document.codes_as<uint16_t>(), rows, scratch.data());
      break;
    case Codec::int8:
      kernels.maxsim_i8(packed_i8_, document.codes_as<int8_t>(), code_stride(codec_, document.dim),
                        document.scales.data(), rows, scratch.data());
      break;
    case Codec::residual: {
      scratch.ensure(columns + rows * document.dim);
      float* const decoded = scratch.data() + columns;
      document.codebook->decode(document.centroids, document.codes, {decoded, rows, document.dim});
      kernels.maxsim_f32(packed_f32_, decoded, rows, scratch.data());
      break;
    }
  }
  return sum(scratch.span().first(num_rows_), floor);
}

}  // namespace maxsimd
