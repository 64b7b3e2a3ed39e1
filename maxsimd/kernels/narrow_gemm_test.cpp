// The GEMMs over bfloat16 and int8 weights.
#include <algorithm>
#include <cstring>
#include <limits>

#include "maxsimd/base/half.h"
#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr float kUntouched = 3.25F;

enum class Form { bf16, i8 };

/// A linear layer in one of the narrow forms, with strides wider than the rows.
struct NarrowLayer {
  Form form;
  size_t rows, k, n;
  size_t a_stride = k + 3;
  size_t c_stride = n + 5;
  std::vector<float> a, weight, bias, residual;
  PackedBf16 bf16;
  PackedI8 i8;

  NarrowLayer(Form form, size_t rows, size_t k, size_t n, uint32_t seed)
      : form(form), rows(rows), k(k), n(n) {
    RandomFloats random(seed);
    a = random.many(rows * a_stride);
    weight = random.many(n * k);
    bias = random.many(n);
    residual = random.many(rows * c_stride);
    pack();
  }

  void pack() {
    const MatrixView<const float> view{weight.data(), n, k};
    if (form == Form::bf16) bf16 = PackedBf16(view);
    if (form == Form::i8) i8 = PackedI8(view);
  }

  size_t num_panels() const { return (n + kPanelColumns - 1) / kPanelColumns; }

  /// Rows [first, first + count) in the table's form. Garbage beforehand must not matter.
  AlignedBuffer<uint8_t> code(const KernelTable& table, size_t first, size_t count) const {
    const size_t row_bytes = form == Form::bf16 ? table.bf16_row_bytes(k) : table.i8_row_bytes(k);
    AlignedBuffer<uint8_t> coded(count * row_bytes);
    std::fill(coded.span().begin(), coded.span().end(), uint8_t{0xff});
    const auto code_rows = form == Form::bf16 ? table.code_rows_bf16 : table.code_rows_i8;
    code_rows(a.data() + first * a_stride, a_stride, count, k, coded.data());
    return coded;
  }

  void multiply(const KernelTable& table, const uint8_t* coded, size_t count, size_t panel_begin,
                size_t panel_end, const Epilogue& epilogue, float* c) const {
    if (form == Form::bf16) {
      table.gemm_bf16(coded, count, bf16, panel_begin, panel_end, epilogue, c, c_stride);
    } else {
      table.gemm_i8(coded, count, i8, panel_begin, panel_end, epilogue, c, c_stride);
    }
  }

  std::vector<float> run(const KernelTable& table, const Epilogue& epilogue, size_t first,
                         size_t count) const {
    std::vector<float> c(count * c_stride, kUntouched);
    multiply(table, code(table, first, count).data(), count, 0, num_panels(), epilogue, c.data());
    return c;
  }
  std::vector<float> run(const KernelTable& table, const Epilogue& epilogue) const {
    return run(table, epilogue, 0, rows);
  }
};

template <class F>
void for_each_form(F f) {
  for (const Form form : {Form::bf16, Form::i8}) {
    SCOPED_TRACE(form == Form::bf16 ? "bf16" : "int8");
    f(form);
  }
}

/// What rounding the inputs may cost: bfloat16 keeps 8 bits, int8 rows and weights step in
/// 1 / 255 and 1 / 127 of their range; errors of k products grow as sqrt(k), times 6 for the tails.
double tolerance(Form form, size_t k) {
  const double root = std::sqrt(static_cast<double>(k));
  return form == Form::bf16 ? 6 * root * 0x1p-9 * 0.6 : 6 * root * (1.0 / 255 + 1.0 / 254) * 0.3;
}

TEST(NarrowGemm, IsNearTheProductOfTheUnroundedMatrices) {
  for_each_form([](Form form) {
    const NarrowLayer layer(form, 13, 384, 96, 1);
    for_each_table([&](const KernelTable& table) {
      const std::vector<float> c = layer.run(table, {.bias = layer.bias.data()});
      for (size_t r = 0; r < layer.rows; ++r) {
        for (size_t j = 0; j < layer.n; ++j) {
          double exact = layer.bias[j];
          for (size_t i = 0; i < layer.k; ++i) {
            exact += static_cast<double>(layer.a[r * layer.a_stride + i]) *
                     static_cast<double>(layer.weight[j * layer.k + i]);
          }
          ASSERT_NEAR(c[r * layer.c_stride + j], exact, tolerance(form, layer.k));
        }
      }
    });
  });
}

void expect_like_scalar(const NarrowLayer& layer, const Epilogue& epilogue) {
  SCOPED_TRACE(testing::Message() << layer.rows << " x " << layer.k << " x " << layer.n);
  const std::vector<float> expected = layer.run(scalar(), epilogue);
  const bool exact = layer.form == Form::i8 && epilogue.activation == Activation::none;
  const double bound = 1e-7 * (20.0 + static_cast<double>(layer.k));
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> c = layer.run(table, epilogue);
    for (size_t i = 0; i < c.size(); ++i) {
      if (exact) {
        ASSERT_EQ(c[i], expected[i]) << i;
      } else {
        ASSERT_NEAR(c[i], expected[i], bound) << i;
      }
    }
  });
}

TEST(NarrowGemm, EqualsScalarOnOddShapesInInt8ToTheBit) {
  for_each_form([](Form form) {
    for (const size_t rows : std::vector<size_t>{1, 5, 6, 7, 12, 13, 25, 97}) {
      for (const size_t k : kOddSizes) {
        for (const size_t n : std::vector<size_t>{1, 8, 31, 33, 96, 97}) {
          const NarrowLayer layer(form, rows, k, n, static_cast<uint32_t>(rows * 10000 + k * 100));
          expect_like_scalar(layer, {.bias = layer.bias.data()});
        }
      }
    }
  });
}

TEST(NarrowGemm, EveryEpilogueIsApplied) {
  for_each_form([](Form form) {
    const NarrowLayer layer(form, 14, 40, 45, 3);
    for (const bool bias : {false, true}) {
      for (const Activation activation : {Activation::none, Activation::gelu}) {
        for (const bool residual : {false, true}) {
          for (const bool accumulate : {false, true}) {
            Epilogue epilogue = {bias ? layer.bias.data() : nullptr, activation,
                                 residual ? layer.residual.data() : nullptr, layer.c_stride,
                                 accumulate};
            expect_like_scalar(layer, epilogue);
            if (activation == Activation::none) continue;
            epilogue.factor = layer.a.data();  // any numbers; its rows overlap
            epilogue.factor_stride = 3;
            expect_like_scalar(layer, epilogue);
          }
        }
      }
    }
  });
}

TEST(NarrowGemm, PanelRangesWriteTheirColumnsOnly) {
  for_each_form([](Form form) {
    const NarrowLayer layer(form, 9, 20, 100, 5);  // panels of 32, 32, 32, 4 columns
    const Epilogue epilogue{.bias = layer.bias.data(), .activation = Activation::gelu};
    for_each_table([&](const KernelTable& table) {
      const std::vector<float> whole = layer.run(table, epilogue);
      const AlignedBuffer<uint8_t> coded = layer.code(table, 0, layer.rows);
      for (size_t begin = 0; begin <= 4; ++begin) {
        for (size_t end = begin; end <= 4; ++end) {
          std::vector<float> c(whole.size(), kUntouched);
          layer.multiply(table, coded.data(), layer.rows, begin, end, epilogue, c.data());
          for (size_t i = 0; i < c.size(); ++i) {
            const size_t j = i % layer.c_stride;
            const bool inside =
                j >= begin * kPanelColumns && j < std::min(end * kPanelColumns, layer.n);
            ASSERT_EQ(c[i], inside ? whole[i] : kUntouched) << begin << " " << end << " " << i;
          }
        }
      }
    });
  });
}

// Known bug B19: a text's vectors must not depend on what else is in the batch.
TEST(NarrowGemm, B19ARowIsBitwiseTheSameAloneAndInAnyBatch) {
  for_each_form([](Form form) {
    const NarrowLayer layer(form, 205, 97, 65, 6);
    const Epilogue epilogue{.bias = layer.bias.data(), .activation = Activation::gelu};
    for_each_table([&](const KernelTable& table) {
      const std::vector<float> whole = layer.run(table, epilogue);
      for (size_t rows = 1; rows <= 30; ++rows) {
        const std::vector<float> c = layer.run(table, epilogue, 205 - rows, rows);
        const auto from = static_cast<ptrdiff_t>((205 - rows) * layer.c_stride);
        ASSERT_TRUE(std::equal(c.begin(), c.end(), whole.begin() + from)) << rows << " rows";
      }
    });
  });
}

TEST(NarrowGemm, ValuesThatAreNotFiniteAreSeenInTheResult) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for_each_form([&](Form form) {
    for (const float bad : {std::nanf(""), kInfinity, -kInfinity}) {
      for (const size_t k : std::vector<size_t>{5, 97}) {
        NarrowLayer layer(form, 7, k, 33, 7);
        layer.a[3 * layer.a_stride + k - 1] = bad;
        for_each_table([&](const KernelTable& table) {
          const std::vector<float> c = layer.run(table, {});
          for (size_t r = 0; r < layer.rows; ++r) {
            for (size_t j = 0; j < layer.n; ++j) {
              ASSERT_EQ(std::isfinite(c[r * layer.c_stride + j]), r != 3) << bad << " " << r;
            }
          }
        });
      }
    }
  });
}

TEST(NarrowGemm, RowsOfZerosTinyAndHugeValuesGiveFiniteResults) {
  for_each_form([](Form form) {
    NarrowLayer layer(form, 4, 12, 8, 8);
    for (size_t i = 0; i < layer.k; ++i) {
      layer.a[i] = 0.0F;
      layer.a[layer.a_stride + i] = 1e-38F * static_cast<float>(i);
      layer.a[2 * layer.a_stride + i] = 1e30F * layer.a[2 * layer.a_stride + i];
      layer.a[3 * layer.a_stride + i] = 3.0F;  // all of one sign
    }
    for_each_table([&](const KernelTable& table) {
      const std::vector<float> c = layer.run(table, {});
      for (size_t j = 0; j < layer.n; ++j) {
        EXPECT_EQ(c[j], 0.0F);
        EXPECT_NEAR(c[layer.c_stride + j], 0.0F, 1e-30F);
        EXPECT_TRUE(std::isfinite(c[2 * layer.c_stride + j]));
        double sum = 0.0;
        for (size_t i = 0; i < layer.k; ++i) sum += layer.weight[j * layer.k + i];
        EXPECT_NEAR(c[3 * layer.c_stride + j], 3.0 * sum, 0.15) << j;
      }
    });
  });
}

// GELU's outputs reach from -0.17 to about 10: a scale that spans +-10 would waste half its steps.
TEST(NarrowGemm, Int8RowsUseAllStepsWhenTheirValuesAreNotCentred) {
  for_each_table([](const KernelTable& table) {
    std::vector<float> x(64);
    for (size_t i = 0; i < x.size(); ++i) x[i] = -0.17F + 0.1F * static_cast<float>(i);
    AlignedBuffer<uint8_t> coded(table.i8_row_bytes(x.size()));
    table.code_rows_i8(x.data(), x.size(), 1, x.size(), coded.data());
    float scale = 0.0F;
    int32_t zero = 0;
    std::memcpy(&scale, coded.data(), sizeof(scale));
    std::memcpy(&zero, coded.data() + sizeof(scale), sizeof(zero));
    EXPECT_FLOAT_EQ(scale, 6.3F / 255.0F);
    for (size_t i = 0; i < x.size(); ++i) {
      int value = coded[kCodedHeader + i];
      if (table.i8_element_bytes == 2) {
        int16_t wide = 0;
        std::memcpy(&wide, coded.data() + kCodedHeader + 2 * i, sizeof(wide));
        value = wide;
      } else if (table.isa == Isa::neon_dotprod) {
        value = static_cast<int8_t>(coded[kCodedHeader + i]);
      }
      EXPECT_NEAR(scale * static_cast<float>(value - zero), x[i], 1.01F * scale);
    }
  });
}

TEST(NarrowGemm, Bf16RoundsToNearestEven) {
  const std::vector<float> x = {1.00390625F, 1.01171875F, -1.00390625F, 3.4e38F, 1e-40F, 0.1F};
  const float one = 1.0F;
  const PackedBf16 identity(MatrixView<const float>{&one, 1, 1});
  for_each_table([&](const KernelTable& table) {
    AlignedBuffer<uint8_t> coded(x.size() * table.bf16_row_bytes(1));
    table.code_rows_bf16(x.data(), 1, x.size(), 1, coded.data());
    std::vector<float> y(x.size());
    table.gemm_bf16(coded.data(), x.size(), identity, 0, 1, {}, y.data(), 1);
    for (size_t i = 0; i < x.size(); ++i) {
      const float rounded = bf16_to_float(float_to_bf16(x[i]));
      // vdpbf16ps takes values below the normal range as 0.
      EXPECT_TRUE(y[i] == rounded || (std::abs(rounded) < 1.2e-38F && y[i] == 0.0F)) << x[i];
    }
  });
}

TEST(PackedBf16, PanelsHoldEveryWeightRoundedAndZerosBeyond) {
  const size_t n = 45;
  const size_t k = 7;
  const std::vector<float> weight = RandomFloats(1).many(n * k);
  const PackedBf16 packed(MatrixView<const float>{weight.data(), n, k});
  for (size_t r = 0; r < packed.num_panels() * kPanelColumns; ++r) {
    for (size_t i = 0; i < packed.num_pairs() * 2; ++i) {
      const uint16_t got =
          packed.panel(r / kPanelColumns)[(i / 2 * kPanelColumns + r % kPanelColumns) * 2 + i % 2];
      ASSERT_EQ(got, r < n && i < k ? float_to_bf16(weight[r * k + i]) : 0) << r << " " << i;
    }
  }
}

}  // namespace
}  // namespace maxsimd::kernels
