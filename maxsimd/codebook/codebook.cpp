#include "maxsimd/codebook/codebook.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>

#include "maxsimd/codebook/code_rows.h"
#include "maxsimd/codebook/nearest_centroid.h"

namespace maxsimd {
namespace {

constexpr uint64_t kVectorsPerCentroid = 8;
constexpr double kCentroidsPerRoot = 16.0;
constexpr float kLongestRow = 256.0F;  // of 65,536 dimensions, relative to the largest value

void check_parts(const CodebookParts& parts) {
  const auto fail = [](const std::string& what) {
    throw std::invalid_argument(std::string("codebook: ").append(what));
  };
  if (parts.nbits != 1 && parts.nbits != 2 && parts.nbits != 4) {
    fail("nbits must be 1, 2 or 4, got " + std::to_string(parts.nbits));
  }
  if (parts.dim == 0 || parts.dim > kernels::kMaxI8Inputs) {
    fail("dim must be 1 to 65536, got " + std::to_string(parts.dim));
  }
  const size_t num_centroids = parts.centroids.size() / parts.dim;
  const size_t num_buckets = size_t{1} << parts.nbits;
  if (num_centroids == 0 || num_centroids > kMaxCentroids ||
      parts.centroids.size() != num_centroids * parts.dim ||
      parts.cutoffs.size() != (num_buckets - 1) * parts.dim ||
      parts.weights.size() != num_buckets * parts.dim) {
    fail("expected 1 to 65536 centroids, " + std::to_string(num_buckets - 1) + " cutoffs and " +
         std::to_string(num_buckets) + " weights of dim " + std::to_string(parts.dim) + ", got " +
         std::to_string(parts.centroids.size()) + ", " + std::to_string(parts.cutoffs.size()) +
         " and " + std::to_string(parts.weights.size()) + " numbers");
  }
  for (const std::vector<float>* values : {&parts.centroids, &parts.cutoffs, &parts.weights}) {
    for (const float value : *values) {
      // Residuals reach twice as far as vectors, and are stretched in their full length.
      if (!(std::abs(value) <= 2 * kLargestDeviation * kLongestRow)) {
        fail("a value is not finite or beyond 1e15");
      }
    }
  }
  for (size_t i = parts.dim; i < parts.cutoffs.size(); ++i) {
    if (parts.cutoffs[i] < parts.cutoffs[i - parts.dim]) fail("cutoffs must ascend");
  }
  if (!(parts.norm >= 0.0F && parts.norm <= 2 * kLargestDeviation * kLongestRow)) {
    fail("the norm must be a number from 0");
  }
  if (!(parts.error >= 0.0) || std::isinf(parts.error)) fail("the error must be a number from 0");
  const bool has_groups = num_centroids >= kGroupedCentroids;
  const size_t least = has_groups ? 1 : 0, most = has_groups ? most_groups(num_centroids) : 0;
  if (parts.num_probes < least || parts.num_probes > most) {
    fail("num_probes must be " + std::to_string(least) + " to " + std::to_string(most) + ", got " +
         std::to_string(parts.num_probes));
  }
}

}  // namespace

size_t default_num_centroids(uint64_t num_vectors) {
  const double wanted = kCentroidsPerRoot * std::sqrt(static_cast<double>(num_vectors));
  const uint64_t most = std::min<uint64_t>(num_vectors / kVectorsPerCentroid, kMaxCentroids);
  return static_cast<size_t>(std::bit_floor(
      std::clamp<uint64_t>(static_cast<uint64_t>(wanted), 1, std::max<uint64_t>(most, 1))));
}

/// The search structure over the centroids, which only encode() needs. It is made on one thread: a
/// pool could be busy with a task that waits for it.
struct Codebook::Encoder {
  std::once_flag once;
  std::optional<NearestCentroid> nearest;
};

Codebook::Codebook(CodebookParts parts, kernels::Isa isa)
    : parts_(std::move(parts)),
      kernels_(&kernels::kernel_table(isa)),
      encoder_(std::make_unique<Encoder>()) {}
Codebook::Codebook(Codebook&&) noexcept = default;
Codebook& Codebook::operator=(Codebook&&) noexcept = default;
Codebook::~Codebook() = default;

Codebook Codebook::from_parts(CodebookParts parts, kernels::Isa isa) {
  check_parts(parts);
  return Codebook(std::move(parts), isa);
}

kernels::ResidualTables Codebook::tables() const {
  return {
      dim(),      nbits(), parts_.centroids.data(), parts_.cutoffs.data(), parts_.weights.data(),
      parts_.norm};
}

const Codebook::Encoder& Codebook::encoder() const {
  std::call_once(encoder_->once, [this] {
    ThreadPool this_thread(1);
    encoder_->nearest.emplace(centroids(), *kernels_, this_thread);
    if (parts_.num_probes != 0) encoder_->nearest->set_num_probes(parts_.num_probes);
  });
  return *encoder_;
}

double Codebook::encode(MatrixView<const float> rows, ThreadPool& pool,
                        std::span<uint16_t> centroid_ids, std::span<std::byte> residuals) const {
  if (rows.cols != dim() || centroid_ids.size() != rows.rows ||
      residuals.size() != rows.rows * residual_bytes()) {
    throw std::invalid_argument(
        "codebook: cannot encode " + std::to_string(rows.rows) + " vectors of dim " +
        std::to_string(rows.cols) + " to " + std::to_string(centroid_ids.size()) +
        " centroids and " + std::to_string(residuals.size()) + " bytes; the codebook's dim is " +
        std::to_string(dim()) + ", " + std::to_string(residual_bytes()) + " bytes a vector");
  }
  constexpr size_t kBlock = NearestCentroid::kBlockRows;
  struct Memory {
    NearestCentroid::Scratch scratch;
    std::vector<float> decoded;
    std::vector<float> distances;
  };
  const NearestCentroid& nearest = *encoder().nearest;
  const size_t num_blocks = (rows.rows + kBlock - 1) / kBlock;
  std::vector<Memory> memory(pool.num_threads());
  std::vector<double> errors(num_blocks);
  pool.parallel_for(num_blocks, [&](size_t block, size_t worker) {
    const size_t begin = block * kBlock;
    const size_t count = std::min(kBlock, rows.rows - begin);
    const MatrixView<const float> part{rows.data + begin * dim(), count, dim()};
    const std::span<uint16_t> ids = centroid_ids.subspan(begin, count);
    auto* codes = reinterpret_cast<uint8_t*>(residuals.data()) + begin * residual_bytes();
    Memory& mine = memory[worker];
    mine.decoded.resize(kBlock * dim());
    mine.distances.resize(kBlock);
    nearest.find(part, mine.scratch, ids, std::span(mine.distances).first(count));
    errors[block] = code_rows(*kernels_, tables(), part, ids, codes, mine.decoded);
  });
  const double sum = std::accumulate(errors.begin(), errors.end(), 0.0);
  return rows.rows == 0 ? 0.0 : sum / static_cast<double>(rows.rows);
}

void Codebook::decode(std::span<const uint16_t> centroid_ids, std::span<const std::byte> residuals,
                      MatrixView<float> out) const {
  if (out.cols != dim() || centroid_ids.size() != out.rows ||
      residuals.size() != out.rows * residual_bytes()) {
    throw std::invalid_argument("codebook: cannot decode " + std::to_string(centroid_ids.size()) +
                                " centroids and " + std::to_string(residuals.size()) +
                                " bytes to " + std::to_string(out.rows) + " vectors of dim " +
                                std::to_string(out.cols));
  }
  const auto last = std::max_element(centroid_ids.begin(), centroid_ids.end());
  if (last != centroid_ids.end() && *last >= num_centroids()) {
    throw std::invalid_argument("codebook: there is no centroid " + std::to_string(*last) + " of " +
                                std::to_string(num_centroids()));
  }
  kernels_->decode_residuals(tables(), reinterpret_cast<const uint8_t*>(residuals.data()),
                             centroid_ids.data(), out.rows, out.data);
}

}  // namespace maxsimd
