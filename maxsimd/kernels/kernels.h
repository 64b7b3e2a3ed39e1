// The hot loops of maxsimd, one table of functions per instruction set.
//
// A table is chosen once, high up (`best_isa()` at load), and passed down; nothing below asks the
// CPU again. The scalar table is plain C++ and is the oracle for all the others. Kernels are
// noexcept, single-threaded, trust their arguments, and never allocate. All pointers are to memory
// the caller keeps alive; strides are in elements.
//
// Determinism: within one table each output element is computed by the same sequence of operations
// whatever the number of rows, the position in the batch or the split over threads. Integer kernels
// give identical bits on every table (gemm_i8 up to its epilogue).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/arguments.h"
#include "maxsimd/kernels/packed_residual.h"

namespace maxsimd::kernels {

enum class Isa { scalar, avx2, avx512, avx512_vnni, avx512_bf16, neon, neon_dotprod };

/// A linear layer's weight [n, k] (n outputs, k inputs: y = W x), packed once at load as panels of
/// 32 outputs: [ceil(n / 32)][k][32], padded with zeros. Also holds queries for MaxSim: n = query
/// rows, k = dim.
class PackedF32 {
 public:
  PackedF32() = default;
  /// weight.rows = n, weight.cols = k.
  explicit PackedF32(MatrixView<const float> weight) { pack(weight); }
  /// Another one instead, in the same memory where that is large enough.
  void pack(MatrixView<const float> weight);
  /// Room for a weight [n, k] whose panels the caller writes (pack_columns_f32).
  void reshape(size_t n, size_t k) {
    n_ = n;
    k_ = k;
    data_.ensure(num_panels() * k * kPanelColumns);
  }

  size_t n() const { return n_; }
  size_t k() const { return k_; }
  size_t num_panels() const { return num_panels_of(n_); }
  const float* panel(size_t p) const { return data_.data() + p * k_ * kPanelColumns; }
  float* panel(size_t p) { return data_.data() + p * k_ * kPanelColumns; }

 private:
  size_t n_ = 0;
  size_t k_ = 0;
  AlignedBuffer<float> data_;
};

/// A linear layer's weight [n, k] rounded to bfloat16 (to nearest even), as panels of 32 outputs
/// and pairs of inputs: [ceil(n / 32)][ceil(k / 2)][32][2], padded with zeros.
class PackedBf16 {
 public:
  PackedBf16() = default;
  explicit PackedBf16(MatrixView<const float> weight) { pack(weight); }
  void pack(MatrixView<const float> weight);
  /// Room for a weight [n, k] whose panels the caller writes (pack_columns_bf16).
  void reshape(size_t n, size_t k) {
    n_ = n;
    k_ = k;
    data_.ensure(num_panels() * num_pairs() * 2 * kPanelColumns);
  }

  size_t n() const { return n_; }
  size_t k() const { return k_; }
  size_t num_panels() const { return num_panels_of(n_); }
  size_t num_pairs() const { return (k_ + 1) / 2; }
  const uint16_t* panel(size_t p) const {
    return data_.data() + p * num_pairs() * 2 * kPanelColumns;
  }
  uint16_t* panel(size_t p) { return data_.data() + p * num_pairs() * 2 * kPanelColumns; }

 private:
  size_t n_ = 0;
  size_t k_ = 0;
  AlignedBuffer<uint16_t> data_;
};

/// Inputs of a row of int8 at most: sums of products up to 255 * 127 must fit an int32.
inline constexpr size_t kMaxI8Inputs = 65536;

/// Which layouts of PackedI8 to make. CPUs that cannot add up
/// products of bytes read them as int16 pairs.
enum class I8Layout { bytes, pairs, both };

/// Rows as int8 with one scale a row, w ~ scale[r] * int8: a linear layer's weight [n, k], or
/// queries for MaxSim over int8 documents. Layout [ceil(n / 32)][ceil(k / 4)][32][4] bytes, padded
/// with zeros, and the same numbers as int16, [ceil(n / 32)][padded_k / 2][32][2]. `bias[r]` is
/// what makes up for unsigned bytes on the other side (value + 128): -128 * sum of the row. k <=
/// 65536 (int32 sums).
class PackedI8 {
 public:
  PackedI8() = default;
  explicit PackedI8(MatrixView<const float> rows, I8Layout layout = I8Layout::both) {
    pack(rows, layout);
  }
  /// Others instead, in the same memory where that is large enough.
  void pack(MatrixView<const float> rows, I8Layout layout = I8Layout::both);

  size_t n() const { return n_; }
  size_t k() const { return k_; }
  size_t num_panels() const { return num_panels_of(n_); }
  /// Only for a layout that was made.
  const int8_t* panel(size_t p) const { return data_.data() + p * padded_k() * kPanelColumns; }
  const int16_t* pair_panel(size_t p) const {
    return pairs_.data() + p * padded_k() * kPanelColumns;
  }
  size_t padded_k() const { return (k_ + 3) / 4 * 4; }
  const float* scales() const { return scales_.data(); }  // [num_panels * 32]
  const int32_t* bias() const { return bias_.data(); }    // [num_panels * 32]

 private:
  size_t n_ = 0;
  size_t k_ = 0;
  AlignedBuffer<int8_t> data_;
  AlignedBuffer<int16_t> pairs_;
  AlignedBuffer<float> scales_;
  AlignedBuffer<int32_t> bias_;
  AlignedBuffer<int8_t> row_;  // the one that pack() is at
};

/// Floats of scratch memory an attention kernel needs for any `attended` <= length.
size_t attention_scratch_floats(size_t length, size_t head_dim) noexcept;

/// Floats of scratch memory attention_backward_f32 needs, whatever the length.
size_t attention_backward_scratch_floats(size_t head_dim) noexcept;

struct KernelTable {
  Isa isa;
  I8Layout i8_layout;         // what gemm_i8 reads
  size_t bf16_element_bytes;  // of a value in the rows of gemm_bf16
  size_t i8_element_bytes;    // of a value in the rows of gemm_i8

  /// c [rows, n] = epilogue(a [rows, k] * W^T) for the outputs of panels [panel_begin, panel_end).
  /// Fastest with about 30 to 300 rows a call: fewer wait for the weights, more for the output.
  void (*gemm_f32)(const float* a, size_t a_stride, size_t rows, const PackedF32& weights,
                   size_t panel_begin, size_t panel_end, const Epilogue& epilogue, float* c,
                   size_t c_stride) noexcept;

  /// c [rows, n] = epilogue(a * W^T) with a and W in bfloat16 and sums in float32. `a` comes from
  /// code_rows_bf16 of the same table, [rows] of bf16_row_bytes(k), 64-byte aligned.
  void (*code_rows_bf16)(const float* x, size_t stride, size_t rows, size_t cols,
                         void* out) noexcept;
  void (*gemm_bf16)(const void* a, size_t rows, const PackedBf16& weights, size_t panel_begin,
                    size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept;

  /// c [rows, n] = epilogue(a * W^T) with W in int8, one scale an output, and a in bytes, one scale
  /// and one zero point a row: x ~ scale * (u - zero), where 255 scales span the row's values and
  /// 0. (neon-dotprod takes 128 off u and zero.) Sums are exact integers. A row with a value that
  /// is not finite gives NaN; one whose values span less than kSmallestRange counts as 0. `a` comes
  /// from code_rows_i8 of the same table, [rows] of i8_row_bytes(k), 64-byte aligned; the weights
  /// were packed in i8_layout (or both).
  void (*code_rows_i8)(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept;
  void (*gemm_i8)(const void* a, size_t rows, const PackedI8& weights, size_t panel_begin,
                  size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept;

  /// The columns of x [k, cols] as panels of 32: what PackedF32 (PackedBf16, rounded to nearest
  /// even) holds of the transpose of x as a weight [cols, k].
  void (*pack_columns_f32)(const float* x, size_t stride, size_t k, size_t cols,
                           float* panels) noexcept;
  void (*pack_columns_bf16)(const float* x, size_t stride, size_t k, size_t cols,
                            uint16_t* panels) noexcept;
  /// out [cols, rows] = x [rows, cols] transposed.
  void (*transpose_f32)(const float* x, size_t stride, size_t rows, size_t cols, float* out,
                        size_t out_stride) noexcept;

  size_t bf16_row_bytes(size_t cols) const noexcept {
    return coded_row_bytes((cols + 1) / 2 * 2 * bf16_element_bytes);
  }
  size_t i8_row_bytes(size_t cols) const noexcept {
    return coded_row_bytes((cols + 3) / 4 * 4 * i8_element_bytes);
  }

  /// The rows' normal forms, scaled and shifted (see arguments.h).
  void (*layer_norm)(const LayerNormArgs& args) noexcept;
  /// Rotary position embedding (see arguments.h).
  void (*rotate_f32)(const RotateArgs& args) noexcept;

  /// softmax(scale * q k^T) v for one sequence and a range of heads.
  void (*attention_f32)(const AttentionArgs& args) noexcept;
  /// The same; q, k, v and the weights are rounded to bfloat16 where the CPU multiplies those
  /// faster, sums and the softmax stay floats. Elsewhere it is attention_f32.
  void (*attention_bf16)(const AttentionArgs& args) noexcept;

  /// attention_f32 with dropout of the weights, whose kept ones count 1 / (1 - rate), and what the
  /// backward pass needs.
  void (*attention_train_f32)(const AttentionTrainArgs& args) noexcept;
  /// The gradients of q, k and v for the same heads, from probabilities worked out again block by
  /// block (FlashAttention-2, Dao 2023, algorithm 2). Keys and values that are not attended get 0.
  void (*attention_backward_f32)(const AttentionBackwardArgs& args) noexcept;

  /// The end of a transformer's sublayer in training, and its gradients (see arguments.h).
  void (*add_norm_f32)(const AddNormArgs& args) noexcept;
  void (*add_norm_backward_f32)(const AddNormBackwardArgs& args) noexcept;

  /// Rows of x [rows, cols] divided by max(L2 norm, 1e-12), in place.
  void (*normalize_rows)(float* x, size_t stride, size_t rows, size_t cols) noexcept;

  /// best[r] = max over the document's rows of q_r . d_t, for r in [0, num_panels * 32) (padding
  /// rows get 0). rows [num_rows, k] row-major; num_rows = 0 gives -infinity everywhere.
  void (*maxsim_f32)(const PackedF32& query, const float* rows, size_t num_rows,
                     float* best) noexcept;
  void (*maxsim_f16)(const PackedF32& query, const uint16_t* rows, size_t num_rows,
                     float* best) noexcept;
  /// d_t ~ scales[t] * int8; rows [num_rows, row_stride] with row_stride >= padded_k, a multiple of
  /// 4 (padded_k itself is fastest), padding bytes 0. best is in real units (query and document
  /// scales applied).
  void (*maxsim_i8)(const PackedI8& query, const int8_t* rows, size_t row_stride,
                    const float* scales, size_t num_rows, float* best) noexcept;

  /// out[i] = scales[r] * (query . row r) for the `count` rows r = ids[i], wherever they lie; they
  /// may repeat. query [stride] is int8 as the rows are; its own scale is left to the caller. Sums
  /// are exact integers.
  void (*similarities_i8)(const int8_t* query, const RowsI8& rows, const uint32_t* ids,
                          size_t count, float* out) noexcept;

  /// Symmetric int8 with one scale a row: scale = max |x| / 127, round to nearest even; an all-zero
  /// row has scale 0 (so has one whose scale underflows). x must be finite. out [rows, out_stride],
  /// bytes past cols are set to 0.
  void (*quantize_rows_i8)(const float* x, size_t stride, size_t rows, size_t cols, int8_t* out,
                           size_t out_stride, float* scales) noexcept;

  // Residual codes (packed_residual.h). C = the query's num_columns(), a multiple of 32.

  /// out [rows, C] = scores [rows, C] times factors [C], rounded to nearest even and saturated at
  /// +-32767; raises highest [C] and lowers lowest [C] to the values stored.
  void (*round_scores)(const float* scores, size_t rows, size_t cols, const float* factors,
                       int16_t* out, int32_t* lowest, int32_t* highest) noexcept;
  /// The first row in [begin, end) of scores [*, C] with a value above the limit of its column;
  /// `end` if there is none.
  size_t (*first_above)(const int16_t* scores, size_t cols, size_t begin, size_t end,
                        const int16_t* limits) noexcept;
  /// out [rows, C] = (scores - offsets [C]) * factors [C] / 65536, cut off and at most 255.
  /// REQUIRES: no score is below its offset.
  void (*scores_to_bytes)(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                          const uint16_t* factors, uint8_t* out) noexcept;
  /// best [C] = the largest values in rows ids [count] of table [*, C], 0 without rows; returns
  /// their sum.
  uint32_t (*maxsim_centroids)(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                               uint8_t* best) noexcept;
  /// Writes to selected [count] the positions in ids, ascending, whose row of table [*, C] has a
  /// value above the limit of its column; returns how many.
  size_t (*select_above)(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                         const uint8_t* limits, uint32_t* selected) noexcept;
  /// Of each row, the sum of centroid score and scaled residual, in the query's units, may be off
  /// by scaled_errors() [C] times its scale. lowest [C] and highest [C] = the largest, over the
  /// rows, of the sum less that error and of the sum with it; -infinity without rows. marks
  /// [num_rows] = 1 for all rows whose sum and error come within the query's slack of lowest in
  /// some column, and for some others; 0 for the rest. scratch: residual_scratch_bytes(), 64-byte
  /// aligned.
  void (*maxsim_residual)(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                          const ResidualRows& rows, void* scratch, float* lowest, float* highest,
                          uint8_t* marks) noexcept;
  /// best [num_documents, C] = the largest of those sums over the rows of each document; -infinity
  /// for one without rows. scratch as above.
  void (*maxsim_selected)(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                          const SelectedRows& rows, void* scratch, float* best) noexcept;

  /// Element conversions (round to nearest even).
  void (*f32_to_f16)(const float* in, size_t count, uint16_t* out) noexcept;
  void (*f16_to_f32)(const uint16_t* in, size_t count, float* out) noexcept;

  // The residual codec. These give identical bits on every table.

  /// For each row and each column j of the panels: score = row . columns[j] + bias[j], in real
  /// units (scales applied), and best of the row's target raised to it (see PanelBest). Ties keep
  /// what is there. The rows are finite; columns were packed in i8_layout (or both).
  void (*nearest_i8)(const PackedI8& columns, const NearestArgs& args) noexcept;

  /// out[i] = |x - rows[ids[i]]|^2 for i in [0, count); x [dim], rows [*, dim].
  void (*squared_distances)(const float* x, const float* rows, size_t dim, const uint32_t* ids,
                            size_t count, float* out) noexcept;

  /// Writes the positions of the `wanted` largest of `count` values, ascending, and of all that tie
  /// with the last of them; returns how many. values [count rounded up to 32] are finite, beyond
  /// count -infinity; selected [count]; 1 <= wanted, count <= 65536.
  size_t (*select_largest)(const float* values, size_t count, size_t wanted,
                           uint16_t* selected) noexcept;

  /// Rows [num_rows, dim] to scales and buckets of their residuals, codes [num_rows,
  /// residual_row_bytes]. A residual that is not a number is in bucket 0, and its row's scale is 0.
  void (*code_residuals)(const ResidualTables& tables, const float* rows,
                         const uint16_t* centroid_ids, size_t num_rows, uint8_t* codes) noexcept;
  /// out [num_rows, dim] = centroid + scale * weights of the buckets.
  void (*decode_residuals)(const ResidualTables& tables, const uint8_t* codes,
                           const uint16_t* centroid_ids, size_t num_rows, float* out) noexcept;
};

/// The instruction sets this build has and this CPU can run, slowest first; scalar is always there.
std::vector<Isa> supported_isas();
Isa best_isa();
/// "scalar", "avx2", "avx512", "avx512-vnni", "avx512-bf16", "neon", "neon-dotprod"
std::string_view isa_name(Isa isa);
std::optional<Isa> isa_from_name(std::string_view name);

/// The table of an instruction set. REQUIRES: isa is in supported_isas().
const KernelTable& kernel_table(Isa isa);

}  // namespace maxsimd::kernels
