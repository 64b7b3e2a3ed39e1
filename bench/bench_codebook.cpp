// Times the residual codec's codebook and says how good it is.
//
//   bench_codebook [--vectors 1220000] [--dim 96] [--centroids 0] [--iterations 8] [--threads 2]
//                  [--nbits 4 --nbits 2 --nbits 1] [--isa avx2] [--embeddings FILE.npz]
//
// Seeded unit vectors in clusters with a decaying spectrum, or those of a file of `maxsimd encode`.
// For each nbits: seconds of training (on at most 32 vectors a centroid) and of coding all vectors;
// the share of vectors that got their true nearest centroid (of kChecked, by brute force in
// float32); mean squared error and mean cosine of what decoding gives, as it is and at the length
// of the vector. Before that, the kernel that finds nearest centroids beside the core's peak.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench/peak.h"
#include "maxsimd/base/elapsed.h"
#include "maxsimd/codebook/codebook.h"
#include "maxsimd/codebook/reservoir_sample.h"
#include "maxsimd/data/embeddings_file.h"

namespace {

using namespace maxsimd;
using Clock = std::chrono::steady_clock;

constexpr size_t kChecked = 4000;
constexpr size_t kBlock = 4096;
constexpr size_t kVectorsPerCluster = 60;

/// Seconds by the clock, and the processor's (of all threads) for a machine that has other work
/// too.
struct Seconds {
  double wall = 0.0;
  double processor = 0.0;
};

template <class F>
Seconds time(F f) {
  const auto wall = Clock::now();
  const std::clock_t processor = std::clock();
  f();
  return {seconds_since(wall),
          static_cast<double>(std::clock() - processor) / double{CLOCKS_PER_SEC}};
}

double dot(const float* a, const float* b, size_t dim) {
  double sum = 0.0;
  for (size_t d = 0; d < dim; ++d) sum += double{a[d]} * double{b[d]};
  return sum;
}

/// Unit vectors around cluster centres; dimension d is spread by (d + 4)^-0.5, and the clusters are
/// about as tight as those of token embeddings.
std::vector<float> synthetic_vectors(size_t count, size_t dim, ThreadPool& pool) {
  const auto spread = [](size_t d) { return 1.0F / std::sqrt(static_cast<float>(d + 4)); };
  const size_t num_clusters = count / kVectorsPerCluster + 1;
  std::vector<float> centers(num_clusters * dim);
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (size_t i = 0; i < centers.size(); ++i) centers[i] = spread(i % dim) * normal(random) + 0.05F;
  std::vector<float> vectors(count * dim);
  pool.parallel_for((count + kBlock - 1) / kBlock, [&](size_t block, size_t) {
    std::mt19937 mine(static_cast<uint32_t>(block + 2));
    std::normal_distribution<float> noise;
    for (size_t r = block * kBlock; r < std::min(count, (block + 1) * kBlock); ++r) {
      const float* center = centers.data() + mine() % num_clusters * dim;
      float* row = vectors.data() + r * dim;
      for (size_t d = 0; d < dim; ++d) row[d] = center[d] + 0.6F * spread(d) * noise(mine);
      const auto norm = static_cast<float>(std::sqrt(dot(row, row, dim)));
      for (size_t d = 0; d < dim; ++d) row[d] /= norm;
    }
  });
  return vectors;
}

/// One group of centroids and the rows of a block that meet it.
void bench_kernel(kernels::Isa isa, size_t dim) {
  constexpr size_t kRows = 128, kColumns = 128;
  const kernels::KernelTable& table = kernels::kernel_table(isa);
  std::mt19937 random(1);
  std::vector<float> values((kRows + kColumns) * dim);
  for (float& value : values) value = static_cast<float>(random() >> 8) * 0x1p-23F - 1.0F;
  const kernels::PackedI8 packed({values.data(), kColumns, dim}, table.i8_layout);
  AlignedBuffer<uint8_t> coded(kRows * table.i8_row_bytes(dim));
  table.code_rows_i8(values.data() + kColumns * dim, dim, kRows, dim, coded.data());
  const std::vector<float> bias(kColumns);
  std::vector<uint32_t> targets(kRows);
  for (uint32_t r = 0; r < kRows; ++r) targets[r] = r;
  AlignedBuffer<kernels::PanelBest> best(kRows);
  const double seconds = bench::best_seconds(1000, [&] {
    table.nearest_i8(packed, {coded.data(), kRows, 0, packed.num_panels(), bias.data(),
                              targets.data(), best.data()});
  });
  const double rate = 2.0 * static_cast<double>(kRows * kColumns * dim) / seconds / 1e9;
  const double peak = bench::peak_i8_gops(isa);
  std::printf("nearest_i8, %zu x %zu x %zu, %s: %.0f GOP/s, %.0f %% of the peak of %.0f\n", kRows,
              kColumns, dim, std::string(kernels::isa_name(isa)).c_str(), rate, 100.0 * rate / peak,
              peak);
}

double recall(MatrixView<const float> rows, std::span<const uint16_t> ids, const Codebook& codebook,
              ThreadPool& pool) {
  const MatrixView<const float> centroids = codebook.centroids();
  const size_t checked = std::min(kChecked, rows.rows);
  std::vector<size_t> right(checked);
  std::vector<uint32_t> all(centroids.rows);
  for (uint32_t c = 0; c < all.size(); ++c) all[c] = c;
  pool.parallel_for(checked, [&](size_t i, size_t) {
    const size_t r = i * (rows.rows / checked);
    std::vector<float> distances(centroids.rows);
    codebook.kernels().squared_distances(rows.row(r).data(), centroids.data, rows.cols, all.data(),
                                         all.size(), distances.data());
    const float least = *std::min_element(distances.begin(), distances.end());
    right[i] = distances[ids[r]] == least ? 1 : 0;
  });
  size_t sum = 0;
  for (const size_t one : right) sum += one;
  return static_cast<double>(sum) / static_cast<double>(checked);
}

/// Errors of decoding, as it is and brought to the vector's length.
void report_quality(MatrixView<const float> rows, const Codebook& codebook,
                    std::span<const uint16_t> ids, std::span<const std::byte> residuals) {
  const size_t dim = rows.cols;
  std::vector<float> decoded(kBlock * dim);
  double error = 0.0, cosine = 0.0, scaled_error = 0.0;
  for (size_t begin = 0; begin < rows.rows; begin += kBlock) {
    const size_t count = std::min(kBlock, rows.rows - begin);
    const size_t bytes = codebook.residual_bytes();
    codebook.decode(ids.subspan(begin, count), residuals.subspan(begin * bytes, count * bytes),
                    {decoded.data(), count, dim});
    for (size_t r = 0; r < count; ++r) {
      const float* a = rows.row(begin + r).data();
      const float* b = decoded.data() + r * dim;
      const double aa = dot(a, a, dim), ab = dot(a, b, dim), bb = dot(b, b, dim);
      error += aa - 2.0 * ab + bb;
      const double cosine_of_row = ab / std::sqrt(aa * bb);
      cosine += cosine_of_row;
      scaled_error += 2.0 * aa * (1.0 - cosine_of_row);
    }
  }
  const auto n = static_cast<double>(rows.rows);
  std::printf("  decoded: squared error %.5f, at the vector's length %.5f; cosine %.5f\n",
              error / n, scaled_error / n, cosine / n);
}

void bench_codebook(MatrixView<const float> rows, const CodebookOptions& options,
                    ThreadPool& pool) {
  const size_t num_centroids =
      options.num_centroids != 0 ? options.num_centroids : default_num_centroids(rows.rows);
  ReservoirSample sample(num_centroids * kMaxPointsPerCentroid * 20 / 19, rows.cols, options.seed);
  sample.add(rows);
  std::optional<Codebook> trained;
  const Seconds training =
      time([&] { trained = Codebook::train(sample.rows(), rows.rows, options, pool); });
  const Codebook& codebook = *trained;
  std::vector<uint16_t> ids(rows.rows);
  std::vector<std::byte> residuals(rows.rows * codebook.residual_bytes());
  double error = 0.0;
  const Seconds coding = time([&] { error = codebook.encode(rows, pool, ids, residuals); });
  std::printf(
      "%zu bits, %zu centroids, %zu thread(s): training %.2f s (processor %.2f) on %zu vectors, "
      "coding %.2f s (processor %.2f, %.2f us a vector)\n",
      codebook.nbits(), codebook.num_centroids(), pool.num_threads(), training.wall,
      training.processor, sample.rows().rows, coding.wall, coding.processor,
      1e6 * coding.processor / static_cast<double>(rows.rows));
  std::printf("  squared error of training %.5f, of coding %.5f\n", codebook.parts().error, error);
  std::printf("  true nearest centroid %.4f, %zu groups probed;", recall(rows, ids, codebook, pool),
              codebook.parts().num_probes);
  report_quality(rows, codebook, ids, residuals);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 1220000, dim = 96, threads = 2;
  CodebookOptions options;
  std::vector<size_t> all_nbits = {4, 2, 1};
  std::string isa_name, path;
  CLI::App app{"Times training of a codebook and coding with it"};
  app.add_option("--vectors", count)->check(CLI::PositiveNumber);
  app.add_option("--dim", dim)->check(CLI::PositiveNumber);
  app.add_option("--centroids", options.num_centroids, "0: by the number of vectors");
  app.add_option("--iterations", options.iterations);
  app.add_option("--threads", threads);
  app.add_option("--nbits", all_nbits, "default: 4, 2 and 1");
  app.add_option("--isa", isa_name, "instruction set instead of the best one");
  app.add_option("--embeddings", path)->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  options.isa = kernels::isa_from_name(isa_name).value_or(kernels::best_isa());

  ThreadPool pool(threads);
  std::vector<float> values;
  if (path.empty()) {
    values = synthetic_vectors(count, dim, pool);
  } else {
    Embeddings given = read_embeddings(path).embeddings;
    dim = given.dim;
    values = std::move(given.values);
  }
  bench_kernel(options.isa, dim);
  for (const size_t nbits : all_nbits) {
    options.nbits = nbits;
    bench_codebook({values.data(), values.size() / dim, dim}, options, pool);
  }
  return 0;
}
