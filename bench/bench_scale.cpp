// How time and memory of an index grow with the corpus: builds and searches ever larger ones.
//
//   bench_scale --embeddings DOCS.npz --query-embeddings QUERIES.npz --work FOLDER
//               [--tokens 1000000 --tokens 3000000 ...] [--noise 0.4] [--num-queries 100] [--k 10]
//               [--n-ivf-probe N] [--n-full-scores N]
//
// Documents are those of DOCS.npz again and again, as they are the first time and then with seeded
// noise of length --noise on each vector, which keeps their spectrum (residuals of real vectors are
// all but white). Kind plaid, 4 bits. A line an index: build seconds on all processors without
// making the vectors, bytes a vector, the most anonymous memory while building beyond that before,
// and milliseconds a query on one thread.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <thread>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/process_memory.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/retriever.h"

namespace {

using namespace maxsimd;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kMega = 1e6;
constexpr double kCommitSeconds = 30.0;  // as the program does
constexpr size_t kBatchTokens = 65536;
constexpr size_t kNoises = 8192;

struct Options {
  std::string embeddings, queries, work;
  std::vector<uint64_t> tokens = {1'000'000, 3'000'000, 10'000'000, 30'000'000};
  float noise = 0.4F;
  size_t num_queries = 100;
  SearchOptions search{.k = 10};
};

/// The most of RssAnon until it ends, seen every 20 ms.
class MemoryWatch {
 public:
  MemoryWatch()
      : before_(static_cast<double>(process_memory_bytes("RssAnon"))),
        thread_([this] { watch(); }) {}
  ~MemoryWatch() {
    ends_ = true;
    thread_.join();
  }
  double megabytes() const { return (static_cast<double>(most_) - before_) / kMega; }

 private:
  void watch() {
    while (!ends_) {
      most_ = std::max<uint64_t>(most_, process_memory_bytes("RssAnon"));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  double before_;
  std::atomic<uint64_t> most_ = 0;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

class Documents {
 public:
  explicit Documents(const Options& options)
      : source_(read_embeddings(options.embeddings).embeddings),
        noises_(kNoises * source_.dim),
        random_(1) {
    std::normal_distribution<float> normal(
        0.0F, options.noise / std::sqrt(static_cast<float>(source_.dim)));
    for (float& value : noises_) value = normal(random_);
  }

  size_t dim() const { return source_.dim; }

  /// The next documents, of kBatchTokens vectors or a little more.
  Embeddings next() {
    Embeddings batch{.dim = dim()};
    while (batch.num_tokens() < kBatchTokens) {
      const MatrixView<const float> rows = source_.matrix(made_ % source_.size());
      if (made_++ < source_.size()) {
        batch.append(rows);
      } else {
        const std::vector<float> noisy = with_noise(rows);
        batch.append({noisy.data(), rows.rows, dim()});
      }
    }
    return batch;
  }

 private:
  std::vector<float> with_noise(MatrixView<const float> rows) {
    std::vector<float> values(rows.rows * dim());
    for (size_t r = 0; r < rows.rows; ++r) {
      const float* noise = noises_.data() + random_() % kNoises * dim();
      float squares = 0.0F;
      for (size_t d = 0; d < dim(); ++d) {
        const float value = rows.row(r)[d] + noise[d];
        values[r * dim() + d] = value;
        squares += value * value;
      }
      for (size_t d = 0; d < dim(); ++d) values[r * dim() + d] /= std::sqrt(squares);
    }
    return values;
  }

  Embeddings source_;
  std::vector<float> noises_;
  std::mt19937 random_;
  size_t made_ = 0;
};

double build(Documents& documents, uint64_t tokens, const fs::path& folder) {
  ThreadPool pool;
  IndexWriterOptions writing;
  writing.pool = &pool;
  const IndexSettings settings = {
      .dim = documents.dim(), .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 4};
  IndexWriter writer = IndexWriter::create(folder, settings, writing);
  double seconds = 0.0, committed = 0.0;
  size_t number = 0;
  for (uint64_t done = 0; done < tokens;) {
    const Embeddings batch = documents.next();
    std::vector<std::string> ids;
    for (size_t i = 0; i < batch.size(); ++i) ids.push_back("document-" + std::to_string(number++));
    done += batch.num_tokens();
    const auto begin = Clock::now();
    writer.add({.ids = ids, .embeddings = &batch});
    if (seconds - committed > kCommitSeconds) {
      writer.commit();
      committed = seconds;
    }
    seconds += seconds_since(begin);
  }
  const auto begin = Clock::now();
  writer.commit();
  writer.optimize();
  return seconds + seconds_since(begin);
}

void measure(const Options& options, uint64_t tokens) {
  const fs::path folder = fs::path(options.work) / std::to_string(tokens);
  fs::remove_all(folder);
  double seconds = 0.0, peak = 0.0;
  {
    Documents documents(options);
    const MemoryWatch memory;
    seconds = build(documents, tokens, folder);
    peak = memory.megabytes();
  }
  const IdentifiedEmbeddings queries = read_embeddings(options.queries);
  ThreadPool pool(1);
  const Index index = Index::open(folder);
  const Retriever retriever(index);
  std::vector<double> times;
  for (size_t q = 0; q < std::min(options.num_queries, queries.ids.size()); ++q) {
    const Embeddings one = queries.embeddings.item(q);
    const auto begin = Clock::now();
    retriever.retrieve(one, options.search, pool);
    times.push_back(seconds_since(begin) * 1000);
  }
  const auto vectors = static_cast<double>(index.num_tokens());
  std::printf(
      "%9.2f M vectors, %8zu documents: build %7.1f s (%4.2f us a vector), %5.2f bytes a vector, "
      "%6.0f MB while building, p50 %7.2f ms, p95 %7.2f\n",
      vectors / kMega, index.size(), seconds, seconds * kMega / vectors, index.bytes_per_token(),
      peak, quantile(times, 0.5), quantile(times, 0.95));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"How time and memory of an index grow with the corpus"};
  app.add_option("--embeddings", options.embeddings)->required();
  app.add_option("--query-embeddings", options.queries)->required();
  app.add_option("--work", options.work, "folder for the indexes")->required();
  app.add_option("--tokens", options.tokens, "vectors of an index; may be repeated");
  app.add_option("--noise", options.noise);
  app.add_option("--num-queries", options.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--k", options.search.k)->check(CLI::PositiveNumber);
  app.add_option("--n-ivf-probe", options.search.plaid.n_ivf_probe)->check(CLI::PositiveNumber);
  app.add_option("--n-full-scores", options.search.plaid.n_full_scores);
  CLI11_PARSE(app, argc, argv);
  for (const uint64_t tokens : options.tokens) measure(options, tokens);
  return 0;
}
