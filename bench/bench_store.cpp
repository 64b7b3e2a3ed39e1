// Builds an index folder from random embeddings as a stream and says what memory it takes, then
// searches it.
//
//   bench_store CORPUS... --folder FOLDER [--documents 20000] [--dim 96] [--codec float32]
//               [--commit-mib 256] [--queries 100] [--threads 2] [--keep]
//
// The documents have the lengths of a corpus's: one row a word and three more (prefix and special
// tokens), 300 at most. Their vectors are drawn from a table of random unit vectors: the work does
// not depend on the values. A process measures one build, for its peak is the system's mark of the
// whole process (VmHWM, mapped pages of files included); RssAnon, memory that cannot be read again
// from a file, is looked at after each batch.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/process_memory.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/exact_search.h"

namespace {

using namespace maxsimd;
using Clock = std::chrono::steady_clock;

constexpr double kMib = 1024.0 * 1024.0;

struct Options {
  std::vector<std::filesystem::path> corpus;
  std::string folder;
  std::string codec_name = "float32";
  size_t num_documents = 20'000;
  size_t dim = 96;
  size_t commit_mib = 256;
  size_t num_queries = 100;
  size_t num_threads = 2;
  bool keep = false;
};

double memory_mib(std::string_view field) {
  return static_cast<double>(process_memory_bytes(field)) / kMib;
}

class RandomRows {
 public:
  explicit RandomRows(size_t dim) : dim_(dim), table_(kNumRows * dim) {
    std::normal_distribution<float> normal;
    for (size_t r = 0; r < kNumRows; ++r) {
      float* row = table_.data() + r * dim;
      float squares = 0.0F;
      for (size_t d = 0; d < dim; ++d) {
        row[d] = normal(random_);
        squares += row[d] * row[d];
      }
      for (size_t d = 0; d < dim; ++d) row[d] /= std::sqrt(squares);
    }
  }

  void append_item(size_t num_rows, Embeddings& batch) {
    batch.dim = dim_;
    for (size_t r = 0; r < num_rows; ++r) {
      const float* row = table_.data() + random_() % kNumRows * dim_;
      batch.values.insert(batch.values.end(), row, row + dim_);
    }
    batch.offsets.push_back(batch.offsets.back() + num_rows);
  }

 private:
  static constexpr size_t kNumRows = 4096;
  size_t dim_;
  std::mt19937 random_{1};
  std::vector<float> table_;
};

size_t num_words(const std::string& text) {
  std::istringstream words(text);
  size_t count = 0;
  for (std::string word; words >> word;) ++count;
  return count;
}

// Gathers documents into batches and commits when enough of them wait.
class Builder {
 public:
  explicit Builder(const Options& options)
      : options_(options), rows_(options.dim), writer_(create(options)) {}

  void add(Record& record) {
    if (num_added_ == options_.num_documents) return;
    ++num_added_;
    ids_.push_back(std::move(record.id));
    rows_.append_item(std::min<size_t>(300, num_words(record.title + ' ' + record.text) + 3),
                      batch_);
    if (ids_.size() == kBatch) flush();
  }

  void finish() {
    flush();
    commit();
  }

  size_t num_added() const { return num_added_; }
  size_t num_commits() const { return num_commits_; }
  double peak_anonymous_mib() const { return peak_anonymous_mib_; }

 private:
  static constexpr size_t kBatch = 256;

  static IndexWriter create(const Options& options) {
    IndexSettings settings;
    settings.dim = options.dim;
    settings.codec = *codec_from_name(options.codec_name);
    return IndexWriter::create(options.folder, settings);
  }

  void flush() {
    writer_.add({ids_, &batch_});
    ids_.clear();
    batch_ = {};
    look();
    if (writer_.pending_bytes() >= options_.commit_mib << 20) commit();
  }

  void commit() {
    writer_.commit();
    ++num_commits_;
    look();
  }

  void look() { peak_anonymous_mib_ = std::max(peak_anonymous_mib_, memory_mib("RssAnon")); }

  const Options& options_;
  RandomRows rows_;
  IndexWriter writer_;
  std::vector<std::string> ids_;
  Embeddings batch_;
  size_t num_added_ = 0, num_commits_ = 0;
  double peak_anonymous_mib_ = 0.0;
};

void build(const Options& options) {
  const auto begin = Clock::now();
  Builder builder(options);
  ReadOptions reading;
  reading.check_duplicate_ids = false;  // its memory is not the store's
  read_documents(options.corpus, reading, [&](Record& record) { builder.add(record); });
  builder.finish();
  const double seconds = seconds_since(begin);
  const Index index = Index::open(options.folder);
  const double bytes = static_cast<double>(index.size_bytes());
  std::printf(
      "build %s dim %zu: %zu documents, %.2f M vectors, %.0f MiB in %.1f s (%.0f MiB/s, %.0f "
      "documents/s), %zu commits, %zu segments; peak %.0f MiB resident, %.0f MiB of it anonymous\n",
      options.codec_name.c_str(), options.dim, builder.num_added(),
      static_cast<double>(index.num_tokens()) / 1e6, bytes / kMib, seconds, bytes / kMib / seconds,
      static_cast<double>(builder.num_added()) / seconds, builder.num_commits(),
      index.num_segments(), memory_mib("VmHWM"), builder.peak_anonymous_mib());
  std::fflush(stdout);
}

void print_memory(const char* when) {
  std::printf("%s: %.0f MiB resident, %.0f anonymous, %.0f of files\n", when, memory_mib("VmRSS"),
              memory_mib("RssAnon"), memory_mib("RssFile"));
  std::fflush(stdout);
}

void search(const Options& options) {
  ThreadPool pool(options.num_threads);
  RandomRows rows(options.dim);
  print_memory("before opening");
  auto begin = Clock::now();
  const Index index = Index::open(options.folder);
  const double open_ms = 1e3 * seconds_since(begin);
  print_memory("after opening");
  begin = Clock::now();
  for (size_t q = 0; q < options.num_queries; ++q) {
    Embeddings query;
    rows.append_item(32, query);
    search_exact(query, index, {.k = 100}, pool);
  }
  const double query_ms = 1e3 * seconds_since(begin) / static_cast<double>(options.num_queries);
  print_memory("after the queries");
  std::printf("opened in %.1f ms; %zu queries on %zu threads, %.1f ms each\n", open_ms,
              options.num_queries, options.num_threads, query_ms);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Memory and speed of building and opening an index folder"};
  app.add_option("corpus", options.corpus, "JSON lines, plain or .gz")->required();
  app.add_option("--folder", options.folder, "of the index; must not be there")->required();
  app.add_option("--documents", options.num_documents);
  app.add_option("--dim", options.dim)->check(CLI::PositiveNumber);
  app.add_option("--codec", options.codec_name)
      ->check(CLI::IsMember({"float32", "float16", "int8"}));
  app.add_option("--commit-mib", options.commit_mib);
  app.add_option("--queries", options.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--threads", options.num_threads)->check(CLI::PositiveNumber);
  app.add_flag("--keep", options.keep, "leave the index there");
  CLI11_PARSE(app, argc, argv);
  build(options);
  search(options);
  if (!options.keep) std::filesystem::remove_all(options.folder);
  return 0;
}
