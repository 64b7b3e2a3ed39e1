#include <algorithm>

#include "maxsimd/base/half.h"
#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr size_t kMargin = 3;  // of every row, to see what is written beyond it

std::vector<float> transposed(const std::vector<float>& x, size_t stride, size_t rows,
                              size_t cols) {
  std::vector<float> out(rows * cols);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) out[c * rows + r] = x[r * stride + c];
  }
  return out;
}

template <class F>
void for_odd_shapes(F f) {
  for (const size_t k : kOddSizes) {
    for (const size_t cols : kOddSizes) f(k, cols);
  }
}

TEST(PackColumns, HoldsWhatPackingTheTransposeDoes) {
  for_odd_shapes([](size_t k, size_t cols) {
    const size_t stride = cols + kMargin;
    const std::vector<float> x = RandomFloats(static_cast<uint32_t>(k + cols)).many(k * stride);
    const std::vector<float> weight = transposed(x, stride, k, cols);
    const PackedF32 expected({weight.data(), cols, k});
    const PackedBf16 expected_bf16({weight.data(), cols, k});
    for_each_table([&](const KernelTable& table) {
      PackedF32 packed;
      packed.reshape(cols, k);
      table.pack_columns_f32(x.data(), stride, k, cols, packed.panel(0));
      ASSERT_TRUE(std::equal(packed.panel(0), packed.panel(packed.num_panels()), expected.panel(0)))
          << k << " " << cols;
      PackedBf16 narrow;
      narrow.reshape(cols, k);
      table.pack_columns_bf16(x.data(), stride, k, cols, narrow.panel(0));
      ASSERT_TRUE(
          std::equal(narrow.panel(0), narrow.panel(narrow.num_panels()), expected_bf16.panel(0)))
          << k << " " << cols;
    });
  });
}

TEST(Transpose, MovesEveryValueAndNothingElse) {
  for_odd_shapes([](size_t rows, size_t cols) {
    const size_t stride = cols + kMargin;
    const size_t out_stride = rows + kMargin;
    const std::vector<float> x =
        RandomFloats(static_cast<uint32_t>(rows * cols)).many(rows * stride);
    for_each_table([&](const KernelTable& table) {
      std::vector<float> out(cols * out_stride, 7.0F);
      table.transpose_f32(x.data(), stride, rows, cols, out.data(), out_stride);
      for (size_t c = 0; c < cols; ++c) {
        for (size_t r = 0; r < out_stride; ++r) {
          const float expected = r < rows ? x[r * stride + c] : 7.0F;
          ASSERT_EQ(out[c * out_stride + r], expected) << r << " " << c;
        }
      }
    });
  });
}

}  // namespace
}  // namespace maxsimd::kernels
