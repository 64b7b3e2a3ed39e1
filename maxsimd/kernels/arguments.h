// Plain arguments of the kernels: constants and structs without member functions, so that the files
// compiled for one instruction set can include them without emitting any shared inline function.
#pragma once

#include <cstddef>
#include <cstdint>

namespace maxsimd::kernels {

/// Columns of a panel of packed weights; every table reads the same layout.
inline constexpr size_t kPanelColumns = 32;
constexpr size_t num_panels_of(size_t n) {
  return (n + kPanelColumns - 1) / kPanelColumns;
}

/// Rows that gemm_bf16 and gemm_i8 read begin with a header of this many bytes and are padded to a
/// multiple of it, with room for a whole vector beyond the last value.
inline constexpr size_t kCodedHeader = 64;
// Always inlined: no file of one instruction set may emit it for everybody.
__attribute__((always_inline)) constexpr size_t coded_row_bytes(size_t value_bytes) {
  return kCodedHeader + (value_bytes + kCodedHeader - 1) / kCodedHeader * kCodedHeader;
}

/// How a row for gemm_i8 begins.
struct CodedRow {
  float scale;
  int32_t zero;
};
static_assert(sizeof(CodedRow) <= kCodedHeader);

/// Rows of int8 with one scale a row, x ~ scales[r] * codes, as the store keeps them.
struct RowsI8 {
  const int8_t* codes = nullptr;  // [rows, stride]
  size_t stride = 0;              // a multiple of 4, at most kMaxI8Inputs
  const float* scales = nullptr;  // [rows]
};

/// Rows whose values span less than this are coded as zeros in int8.
inline constexpr float kSmallestRange = 1e-30F;

enum class Activation { none, gelu };  // gelu: the erf form, as BERT's "gelu"

/// What happens to a GEMM's result before it is stored: + what is there, + bias, activation,
/// times factor, + residual.
struct Epilogue {
  const float* bias = nullptr;  // [n] or null
  Activation activation = Activation::none;
  const float* residual = nullptr;  // [rows, n], added last, or null; may be the output itself
  size_t residual_stride = 0;
  bool accumulate = false;  // the result is added to what the output holds, before all else
  // [rows, n] or null: what an activation is gated by (GeGLU; Shazeer 2020). Not without one; must
  // not overlap the output.
  const float* factor = nullptr;
  size_t factor_stride = 0;
};

/// What nearest_i8 keeps of a row: for each column of a panel the highest score so far and the
/// panel it was in. 32 candidates a row whatever the instruction set, so that near ties can be
/// decided by exacter arithmetic afterwards.
struct PanelBest {
  float score[kPanelColumns];
  int32_t panel[kPanelColumns];
};

struct NearestArgs {
  const void* rows = nullptr;  // [num_rows], from code_rows_i8 of the same table
  size_t num_rows = 0;
  size_t panel_begin = 0;
  size_t panel_end = 0;
  const float* bias = nullptr;        // [num_panels * 32]; -infinity: a column never chosen
  const uint32_t* targets = nullptr;  // [num_rows], distinct: row r raises best[targets[r]]
  PanelBest* best = nullptr;
};

/// The tables of a residual codec. A row's residual (row - centroid), stretched to about length
/// `norm` (ResidualStretches), has in each dimension a bucket, the number of cutoffs below it, of
/// nbits (1, 2 or 4), and stands for scale * weight of the bucket: the scale is the row's, the one
/// of least error (ResidualSums).
/// A coded row of residual_row_bytes() is the scale, a little-endian uint16 in units of
/// kResidualScaleUnit, and the buckets: that of dimension d takes bits [d * nbits, (d + 1) * nbits)
/// of the rest, a little-endian string.
struct ResidualTables {
  size_t dim = 0;
  size_t nbits = 0;
  const float* centroids = nullptr;  // [num_centroids, dim]
  const float* cutoffs = nullptr;    // [2^nbits - 1, dim], ascending in each dimension
  const float* weights = nullptr;    // [2^nbits, dim]
  float norm = 0.0F;                 // typical of residuals: L2
};

inline constexpr size_t kResidualScaleBytes = 2;
inline constexpr float kResidualScaleUnit = 0x1p-10F;
inline constexpr float kMaxResidualScale = 65535.0F * kResidualScaleUnit;  // below 64

// Always inlined: see coded_row_bytes().
__attribute__((always_inline)) constexpr size_t residual_row_bytes(size_t dim, size_t nbits) {
  return kResidualScaleBytes + (dim * nbits + 7) / 8;
}

/// The factor that stretches a residual of this squared length to the tables' norm; 0 for those of
/// no length or none that is a number.
__attribute__((always_inline)) inline float residual_stretch(float norm, float squares) {
  if (!(squares > 0.0F)) return 0.0F;
  const float stretch = norm / __builtin_sqrtf(squares);
  return stretch < 0x1p127F ? stretch : 0x1p127F;
}

/// Of a coded row.
__attribute__((always_inline)) inline float residual_scale_of(const uint8_t* row) {
  return static_cast<float>(row[0] | row[1] << 8) * kResidualScaleUnit;
}

/// Errors along a row count so much more than those across it: a query that finds the row points
/// its way (ScaNN's anisotropic loss; Guo et al. 2020; docs/decisions/019).
inline constexpr float kErrorAlongRow = 10.0F;

/// A residual is put into buckets at each of these multiples of its stretch, and keeps those of
/// least error: the stretch at which most of its values lie near their weights is not that of its
/// length (the rescaling of Extended RaBitQ; Gao et al. 2025). A fifth of the squared error at 4
/// bits; more multiples would take 2 % more off (docs/decisions/031). Not inline: an array is an
/// object, and those of one instruction set's kernels are not for others to use.
constexpr float kResidualStretches[] = {0.70F, 0.75F, 0.80F, 0.86F, 0.92F,
                                        0.98F, 1.05F, 1.12F, 1.20F};
constexpr float kOneStretch[] = {1.0F};

/// Those of codes of nbits: fewer than 4 gain nothing from others than 1.
struct ResidualStretches {
  size_t nbits;

  __attribute__((always_inline)) const float* begin() const {
    return nbits == 4 ? kResidualStretches : kOneStretch;
  }
  __attribute__((always_inline)) const float* end() const {
    return nbits == 4 ? kResidualStretches + sizeof(kResidualStretches) / sizeof(float)
                      : kOneStretch + 1;
  }
};

/// Of a row and its residual: sums over the dimensions.
struct RowSums {
  float residual_by_row, row_squared;

  /// 1 / |row|; 0 of a row without length.
  __attribute__((always_inline)) float per_length() const {
    return row_squared >= 0x1p-120F ? 1.0F / __builtin_sqrtf(row_squared) : 0.0F;
  }
};

/// Of these and the weights of the residual's buckets.
struct ResidualSums {
  float weights_by_residual, weights_squared, weights_by_row;

  /// The scale of least |error|^2 + kErrorAlongRow (error . row / |row|)^2 is dividend / divisor;
  /// of a row without length, that of least |error|^2.
  __attribute__((always_inline)) float dividend(const RowSums& row) const {
    const float per_length = row.per_length();
    return weights_by_residual +
           kErrorAlongRow * (weights_by_row * per_length) * (row.residual_by_row * per_length);
  }
  __attribute__((always_inline)) float divisor(const RowSums& row) const {
    const float weights_along = weights_by_row * row.per_length();
    return weights_squared + kErrorAlongRow * weights_along * weights_along;
  }

  /// As it is stored.
  __attribute__((always_inline)) uint16_t scale(const RowSums& row) const {
    const float scale = dividend(row) / divisor(row) / kResidualScaleUnit;
    if (!(scale > 0.0F)) return 0;
    return scale < 65535.0F ? static_cast<uint16_t>(scale + 0.5F) : uint16_t{65535};
  }

  /// What that scale, or the largest one there is, takes off the error of scale 0; never above 0
  /// where the sums are not numbers.
  __attribute__((always_inline)) float gain(const RowSums& row) const {
    const float divided = dividend(row), divided_by = divisor(row);
    if (!(divided > 0.0F)) return 0.0F;
    const float best = divided / divided_by;
    const float scale = best < kMaxResidualScale ? best : kMaxResidualScale;
    return scale * (2.0F * divided - scale * divided_by);
  }
};

/// Rows x [rows, cols] to (x - mean) / sqrt(variance + eps) * gamma + beta.
struct LayerNormArgs {
  const float* x = nullptr;
  size_t stride = 0;
  size_t rows = 0;
  size_t cols = 0;
  const float* gamma = nullptr;  // [cols]
  const float* beta = nullptr;   // [cols]
  float eps = 0.0F;
  float* out = nullptr;  // [rows, cols]; x itself, or memory that does not overlap it
  size_t out_stride = 0;
};

/// Rotary position embedding (RoFormer, Su et al. 2021; the halves of transformers' rotate_half) of
/// rows [rows, num_heads * head_dim], in place. With x1 and x2 the halves of a head, and the row's
/// cosines and sines: x1 cos - x2 sin | x2 cos + x1 sin. With the sines' signs turned: the inverse.
struct RotateArgs {
  float* x = nullptr;
  size_t stride = 0;
  size_t rows = 0;
  size_t num_heads = 0;
  size_t head_dim = 0;             // even
  const float* cosines = nullptr;  // [rows, head_dim / 2]
  const float* sines = nullptr;    // the same
};

/// No sliding window: a row attends to all attended rows.
inline constexpr size_t kNoWindow = static_cast<size_t>(-1);

/// One sequence of a fused query|key|value matrix.
struct AttentionArgs {
  const float* qkv = nullptr;  // [length, 3 * num_heads * head_dim]: all q, then all k, then all v
  size_t qkv_stride = 0;
  size_t length = 0;    // rows; each attends to the first `attended` rows
  size_t attended = 0;  // 1 .. length; keys and values beyond are never read
  size_t num_heads = 0;
  size_t head_dim = 0;
  size_t head_begin = 0;  // this call computes heads [head_begin, head_end)
  size_t head_end = 0;
  float scale = 1.0F;    // positive; 1 / sqrt(head_dim)
  float* out = nullptr;  // [length, num_heads * head_dim]; must not overlap qkv
  size_t out_stride = 0;
  float* scratch = nullptr;  // attention_scratch_floats(length, head_dim), 64-byte aligned
  // Of the attended rows, a row attends to those at most so many rows away; where there is none,
  // its result is 0 (as that of PyTorch's scaled_dot_product_attention).
  size_t window = kNoWindow;
};

/// Keys [begin, end).
struct KeyRange {
  size_t begin, end;
};

/// The keys that some of the rows [first, last] attend to. Always inlined: see coded_row_bytes().
__attribute__((always_inline)) constexpr KeyRange keys_of_rows(const AttentionArgs& args,
                                                               size_t first, size_t last) {
  const bool ends_before = args.attended > last && args.attended - last > args.window;
  const size_t end = ends_before ? last + args.window + 1 : args.attended;
  const size_t begin = first > args.window ? first - args.window : 0;
  return {begin < end ? begin : end, end};
}

/// Dropout of attention probabilities. Which ones are kept depends on these numbers, the head, the
/// row and the column alone (dropout.h), and is the same on every table.
struct AttentionDropout {
  float rate = 0.0F;  // 0 (none) to below 1
  uint64_t seed = 0;
  uint32_t sequence = 0;  // number of the sequence in its batch
};

/// What makes a probability of a row's score q . k again:
/// exp(scale * (score - highest)) * inverse_sum.
struct SoftmaxRow {
  float highest;
  float inverse_sum;
};

/// Attention that can be differentiated.
struct AttentionTrainArgs {
  AttentionArgs attention;
  AttentionDropout dropout;
  SoftmaxRow* rows = nullptr;  // [length, num_heads], written
};

struct AttentionBackwardArgs {
  AttentionTrainArgs forward;           // as it ran, with its results; scratch: see below
  const float* out_gradient = nullptr;  // [length, num_heads * head_dim]
  size_t out_gradient_stride = 0;
  float* qkv_gradient = nullptr;  // [length, 3 * num_heads * head_dim], written whole
  size_t qkv_gradient_stride = 0;
};

/// The backward pass holds the probabilities of so many rows and keys at a time.
inline constexpr size_t kBackwardRows = 96;
inline constexpr size_t kBackwardKeys = 256;
/// With a window, so many keys: of the rows near them, more are far from few of them.
inline constexpr size_t kBackwardWindowKeys = 64;
/// One cache line more: columns are read too, and would share a few sets of the L1 cache.
inline constexpr size_t kBackwardPadding = 16;

/// Of a row before layer norm: what makes its normal form again.
struct RowMoments {
  float mean;
  float inverse_deviation;  // 1 / sqrt(variance + eps)
};

/// y = layer norm of sum = dropped(change) + residual, rows [rows, cols] one after another. Which
/// values of change are dropped depends on the dropout, first_row + the row, and the column alone
/// (dropout.h, head 0); kept ones count 1 / (1 - rate).
struct AddNormArgs {
  const float* change = nullptr;
  const float* residual = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t first_row = 0;
  AttentionDropout dropout;
  const float* gamma = nullptr;  // [cols]
  const float* beta = nullptr;   // [cols]
  float eps = 0.0F;
  float* sum = nullptr;           // written
  float* y = nullptr;             // written
  RowMoments* moments = nullptr;  // [rows], written
};

struct AddNormBackwardArgs {
  AddNormArgs forward;  // as it ran: sum, moments, gamma and dropout are read
  const float* y_gradient = nullptr;
  float* residual_gradient = nullptr;
  float* change_gradient = nullptr;
  float* gamma_gradient = nullptr;  // [cols], added to
  float* beta_gradient = nullptr;   // [cols], added to
};

/// Entries of a dimension in a table of bucket weights: what one shuffle of bytes looks up.
inline constexpr size_t kBucketTable = 16;
/// Rows of residual codes decoded at a time, at most.
inline constexpr size_t kResidualChunk = 64;

/// Rows coded by a residual codec, for a query of C columns (PackedResidualQuery).
struct ResidualRows {
  const uint16_t* centroids = nullptr;  // [num_rows], below K
  const uint8_t* residuals = nullptr;   // [num_rows, residual_bytes]
  size_t num_rows = 0;
  const int16_t* scores = nullptr;  // [K, C]: the query with the centroids, round_scores()
};

/// Some of the rows of several documents, one document's after another's, wherever they lie.
struct SelectedRows {
  const uint8_t* const* residuals = nullptr;  // [rows]: each [residual_bytes]
  const int16_t* const* scores = nullptr;     // [rows]: each [C], the query with its centroid
  const uint32_t* ends = nullptr;             // [num_documents]: rows up to the document's last
  size_t num_documents = 0;
};

}  // namespace maxsimd::kernels
