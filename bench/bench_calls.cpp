// Times single calls as they are asked for on stdin, one word a line: encode_one, encode_batch,
// search_one, search_batch. Prints the seconds of each.
//
//   bench_calls MODEL INDEX TEXTS.txt [--threads 1]
//
// *_one take the first line of TEXTS.txt as a query, *_batch all lines. bench/compare_calls.py runs
// it beside the Python package.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/search/retriever.h"

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) throw std::invalid_argument(path + ": no lines");
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  std::string model_folder, index_folder, texts_path;
  size_t threads = 1;
  CLI::App app{"Times single calls of encoding and search"};
  app.add_option("MODEL", model_folder)->required();
  app.add_option("INDEX", index_folder)->required();
  app.add_option("TEXTS", texts_path)->required();
  app.add_option("--threads", threads);
  CLI11_PARSE(app, argc, argv);

  const maxsimd::ColBERT model = maxsimd::ColBERT::load(model_folder, {.num_threads = threads});
  const maxsimd::Retriever retriever(maxsimd::Index::open(index_folder));
  maxsimd::ThreadPool pool(threads);
  const std::vector<std::string> texts = lines_of(texts_path);
  const std::vector<std::string> first{texts.front()};
  const maxsimd::Embeddings query = model.encode_queries(first);
  const maxsimd::Embeddings queries = model.encode_queries(texts);
  const maxsimd::SearchOptions options{.k = 10};
  const std::map<std::string, std::function<size_t()>> calls{
      {"encode_one", [&] { return model.encode_queries(first).values.size(); }},
      {"encode_batch", [&] { return model.encode_queries(texts).values.size(); }},
      {"search_one", [&] { return retriever.retrieve(query, options, pool).size(); }},
      {"search_batch", [&] { return retriever.retrieve(queries, options, pool).size(); }}};
  for (std::string name; std::cin >> name;) {
    const auto start = std::chrono::steady_clock::now();
    if (calls.at(name)() == 0) return 1;
    std::printf("%.9f\n", maxsimd::seconds_since(start));
    std::fflush(stdout);
  }
}
