// Times exact search over an index folder beside the same search in memory, and what an index adds
// to it: ids, conditions, stored texts.
//
//   bench_index --folder FOLDER [--embeddings FILE.npz] [--query-embeddings FILE.npz]
//               [--documents 5183] [--queries 32] [--dim 96] [--k 100] [--commits 1] [--rounds 5]
//               [--threads 1 --threads 2] [--codec int8]
//
// Random vectors in the shape of SciFact, or those of files of `maxsimd encode`. FOLDER must not be
// there; it is removed at the end. "whole" is a query with a condition (asked before: its first
// evaluation is told apart), the ids and the texts of its hits; the memory has the condition's
// documents ready. Both answers must be equal (else exit code 1). Both sides are
// warm: one round of each comes first, then they alternate, the first place too. Medians; the
// processor time (of all threads) is for a machine that has other work as well.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/exact_search.h"
#include "scan_input.h"

namespace {

using namespace maxsimd;
using bench::ScanInput;
using Clock = std::chrono::steady_clock;

struct Options {
  bench::ScanShape shape;
  size_t k = 100;
  size_t num_commits = 1;
  size_t num_rounds = 5;
  std::filesystem::path folder;
};

// Documents of about 1,500 bytes, as abstracts are.
constexpr size_t kTextBytes = 1500;

std::string id_of(size_t number) {
  return std::string("document-").append(std::to_string(number));
}
size_t year_of(size_t number) {
  return 1970 + number % 50;
}

template <class Call>
double milliseconds(Call call) {
  const auto begin = Clock::now();
  call();
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// To both sides, the index with ids, years from 1970 to 2019 and texts.
void add_batch(const Embeddings& batch, CodedEmbeddings& memory, IndexWriter& writer) {
  std::vector<std::string> ids, metadata, texts;
  for (size_t item = 0; item < batch.size(); ++item) {
    const size_t number = memory.size() + item;
    ids.push_back(id_of(number));
    metadata.push_back("{\"year\": " + std::to_string(year_of(number)) + "}");
    texts.emplace_back(kTextBytes, 'x');
  }
  memory.append(batch);
  writer.add({.ids = ids, .embeddings = &batch, .metadata = metadata, .texts = texts});
}

Index build(const Options& options, const ScanInput& input, Codec codec, CodedEmbeddings& memory) {
  IndexWriter writer =
      IndexWriter::create(options.folder, {.dim = input.dim(), .codec = codec, .store_text = true});
  const size_t step = options.shape.num_documents / options.num_commits + 1;
  size_t committed = 0;
  input.for_each_batch([&](const Embeddings& batch) {
    add_batch(batch, memory, writer);
    if (memory.size() - committed < step) return;
    writer.commit();
    committed = memory.size();
  });
  writer.commit();
  return Index::open(options.folder);
}

struct Times {
  std::vector<double> wall, processor;  // milliseconds

  void add(const std::function<void()>& call) {
    const std::clock_t begin = std::clock();
    wall.push_back(milliseconds(call));
    processor.push_back(1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
};

// Two calls that take turns.
std::array<Times, 2> alternate(size_t rounds, const std::function<void()>& first,
                               const std::function<void()>& second) {
  first();
  second();
  std::array<Times, 2> times;
  for (size_t round = 0; round < rounds; ++round) {
    if (round % 2 == 0) times[0].add(first);
    times[1].add(second);
    if (round % 2 != 0) times[0].add(first);
  }
  return times;
}

// An answer as a product wants it: the condition's documents only, with their ids and texts.
struct Answer {
  std::string id, text;
  bool operator==(const Answer&) const = default;
};

const char* const kCondition = "year >= 1980";  // four of five documents

// The same condition over numbers in memory, where ids and texts are too.
Filter filter_in_memory(size_t num_documents) {
  Filter filter(num_documents);
  for (size_t number = 0; number < num_documents; ++number) {
    if (year_of(number) >= 1980) filter.add(number);
  }
  return filter;
}

std::vector<Answer> whole_in_memory(const Options& options, const Embeddings& query,
                                    const CodedEmbeddings& memory, const Filter& filter,
                                    ThreadPool& pool) {
  const auto ranking = search_exact(query, memory, {.k = options.k, .filter = &filter}, pool)[0];
  std::vector<Answer> answers;
  for (const ScoredDocument& hit : ranking) {
    const auto number = static_cast<size_t>(hit.document);
    answers.push_back({id_of(number), std::string(kTextBytes, 'x')});
  }
  return answers;
}

std::vector<Answer> whole_in_index(const Options& options, const Embeddings& query,
                                   const Index& index, ThreadPool& pool) {
  const Filter filter = index.filter_where(Where::parse(kCondition));
  const auto ranking = search_exact(query, index, {.k = options.k, .filter = &filter}, pool)[0];
  std::vector<DocId> documents;
  for (const ScoredDocument& hit : ranking) documents.push_back(hit.document);
  std::vector<Answer> answers;
  for (DocumentRecord& record : index.records(documents)) {
    answers.push_back({std::string(index.id(documents[answers.size()])), std::move(record.text)});
  }
  return answers;
}

void report(const char* what, Codec codec, size_t threads, const std::array<Times, 2>& times,
            size_t queries) {
  const double memory_ms = quantile(times[0].wall, 0.5) / static_cast<double>(queries);
  const double index_ms = quantile(times[1].wall, 0.5) / static_cast<double>(queries);
  std::printf(
      "%-8s %-6s %zu thread(s): ms a query in memory %7.3f, index %7.3f, ratio %.3f (of processor "
      "times %.3f)\n",
      std::string(codec_name(codec)).c_str(), what, threads, memory_ms, index_ms,
      index_ms / memory_ms, quantile(times[1].processor, 0.5) / quantile(times[0].processor, 0.5));
  std::fflush(stdout);
}

void compare_scans(const Options& options, const ScanInput& input, const CodedEmbeddings& memory,
                   const Index& index, size_t threads) {
  ThreadPool pool(threads);
  const SearchOptions search{.k = options.k};
  const Embeddings all = input.all_queries();
  const size_t singles = options.num_rounds * input.queries().size();
  size_t next[2] = {0, 0};
  const auto query = [&](size_t side) -> const Embeddings& {
    return input.queries()[next[side]++ % input.queries().size()];
  };
  report("single", memory.codec(), threads,
         alternate(
             singles, [&] { search_exact(query(0), memory, search, pool); },
             [&] { search_exact(query(1), index, search, pool); }),
         1);
  report("batch", memory.codec(), threads,
         alternate(
             options.num_rounds, [&] { search_exact(all, memory, search, pool); },
             [&] { search_exact(all, index, search, pool); }),
         all.size());
  const Filter filter = filter_in_memory(memory.size());
  report("whole", memory.codec(), threads,
         alternate(
             singles, [&] { whole_in_memory(options, query(0), memory, filter, pool); },
             [&] { whole_in_index(options, query(1), index, pool); }),
         1);
}

// What comes on top of a scan, for one query.
void time_extras(const Options& options, const ScanInput& input, const Index& index) {
  ThreadPool pool(1);
  const size_t rounds = options.num_rounds * input.queries().size();
  std::vector<double> open, refresh, ids, condition, kept, subset, texts;
  const Where where = Where::parse("year >= 2010");
  std::vector<std::string> names;
  for (const DocId document : index.documents()) names.emplace_back(index.id(document));
  names.resize(std::min<size_t>(names.size(), 1000));
  const auto ranking = search_exact(input.queries()[0], index, {.k = options.k}, pool)[0];
  std::vector<DocId> found;
  for (const ScoredDocument& hit : ranking) found.push_back(hit.document);
  for (size_t round = 0; round < rounds; ++round) {
    size_t bytes = 0;
    open.push_back(milliseconds([&] { bytes += Index::open(options.folder).size(); }));
    refresh.push_back(milliseconds([&] { bytes += index.refresh().size(); }));
    ids.push_back(milliseconds([&] {
      for (const ScoredDocument& hit : ranking) bytes += std::string(index.id(hit.document)).size();
    }));
    const Index fresh = Index::open(options.folder);
    condition.push_back(milliseconds([&] { bytes += fresh.filter_where(where).count(); }));
    kept.push_back(milliseconds([&] { bytes += fresh.filter_where(where).count(); }));
    subset.push_back(milliseconds([&] { bytes += index.filter_ids(names).count(); }));
    texts.push_back(milliseconds([&] {
      for (const DocumentRecord& record : index.records(found)) bytes += record.text.size();
    }));
    if (bytes == 0) std::printf("nothing was read\n");
  }
  std::printf(
      "         once a query: ids of %zu hits %.4f ms, their texts %.3f ms, where (%zu documents) "
      "%.3f ms (%.3f ms the second time), %zu ids as a filter %.3f ms; open %.3f ms, refresh %.3f "
      "ms\n",
      ranking.size(), quantile(ids, 0.5), quantile(texts, 0.5), index.filter_where(where).count(),
      quantile(condition, 0.5), quantile(kept, 0.5), names.size(), quantile(subset, 0.5),
      quantile(open, 0.5), quantile(refresh, 0.5));
}

bool answers_agree(const Options& options, const ScanInput& input, const CodedEmbeddings& memory,
                   const Index& index) {
  ThreadPool pool;
  const Embeddings all = input.all_queries();
  const Embeddings& first = input.queries().front();
  const bool agree = search_exact(all, memory, {.k = options.k}, pool) ==
                         search_exact(all, index, {.k = options.k}, pool) &&
                     whole_in_memory(options, first, memory, filter_in_memory(memory.size()),
                                     pool) == whole_in_index(options, first, index, pool);
  if (!agree) std::fprintf(stderr, "bench_index: the index and the memory answer differently\n");
  return agree;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::vector<size_t> threads = {1, 2};
  std::vector<std::string> codec_names = {"float32", "float16", "int8"};
  std::string document_path, query_path;
  CLI::App app{"Times exact search over an index folder beside the same search in memory"};
  app.add_option("--folder", options.folder)->required()->check(CLI::NonexistentPath);
  app.add_option("--documents", options.shape.num_documents);
  app.add_option("--queries", options.shape.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--dim", options.shape.dim)->check(CLI::PositiveNumber);
  app.add_option("--k", options.k)->check(CLI::PositiveNumber);
  app.add_option("--commits", options.num_commits)->check(CLI::PositiveNumber);
  app.add_option("--rounds", options.num_rounds)->check(CLI::PositiveNumber);
  app.add_option("--threads", threads, "default: 1 and 2");
  app.add_option("--codec", codec_names, "default: float32, float16 and int8")
      ->check(CLI::IsMember({"float32", "float16", "int8"}));
  app.add_option("--embeddings", document_path)->check(CLI::ExistingFile);
  app.add_option("--query-embeddings", query_path)->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);

  const ScanInput input(options.shape, document_path, query_path);
  bool agree = true;
  for (const std::string& codec_name : codec_names) {
    const Codec codec = *codec_from_name(codec_name);
    CodedEmbeddings memory(input.dim(), codec);
    const Index index = build(options, input, codec, memory);
    std::printf("%zu documents, %.2f M vectors of dim %zu, %zu segments in %zu blocks\n",
                index.size(), static_cast<double>(index.num_tokens()) / 1e6, input.dim(),
                index.num_segments(), index.blocks().size());
    agree = answers_agree(options, input, memory, index) && agree;
    for (const size_t count : threads) compare_scans(options, input, memory, index, count);
    time_extras(options, input, index);
    std::filesystem::remove_all(options.folder);
  }
  return agree ? 0 : 1;
}
