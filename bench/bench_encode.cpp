// Times encoding: documents in one call, queries one by one. Prints one JSON object.
//
//   bench_encode MODEL CORPUS.jsonl QUERIES.jsonl [--documents 1000] [--queries 100] [--threads 2]
//     [--precision f32|bf16|int8]
//
// bench/compare_encode.py runs it beside PyLate.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/process_memory.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/evaluation/timed_run.h"

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> read_texts(const std::string& path, size_t limit) {
  std::vector<std::string> texts;
  maxsimd::read_documents(path, {}, [&](maxsimd::Record& record) {
    if (texts.size() < limit) texts.push_back(maxsimd::document_text(std::move(record)));
  });
  return texts;
}

}  // namespace

int main(int argc, char** argv) {
  std::string model_folder, corpus, queries, isa, precision = "f32";
  size_t num_documents = 1000, num_queries = 100, threads = 2;
  CLI::App app{"Times encoding of documents and of single queries"};
  app.add_option("MODEL", model_folder)->required();
  app.add_option("CORPUS", corpus)->required();
  app.add_option("QUERIES", queries)->required();
  app.add_option("--documents", num_documents);
  app.add_option("--queries", num_queries);
  app.add_option("--threads", threads);
  app.add_option("--isa", isa, "instruction set instead of the best one");
  app.add_option("--precision", precision)->check(CLI::IsMember({"f32", "bf16", "int8"}));
  CLI11_PARSE(app, argc, argv);

  const auto loading = Clock::now();
  const auto level = isa.empty() ? std::nullopt : maxsimd::kernels::isa_from_name(isa);
  const maxsimd::ColBERT model =
      maxsimd::ColBERT::load(model_folder, {.num_threads = threads,
                                            .isa = level.value_or(maxsimd::kernels::best_isa()),
                                            .precision = *maxsimd::precision_from_name(precision)});
  const double load_seconds = maxsimd::seconds_since(loading);

  const auto documents = read_texts(corpus, num_documents);
  const auto texts = read_texts(queries, num_queries);
  model.encode_documents(std::span(documents).first(std::min<size_t>(documents.size(), 8)));
  size_t tokens = 0;
  for (const std::string& text : documents) {
    tokens += model.tokenize(text, maxsimd::TextKind::document).ids.size();
  }
  const auto encoding = Clock::now();
  const maxsimd::Embeddings embeddings = model.encode_documents(documents);
  const double seconds = maxsimd::seconds_since(encoding);

  std::vector<double> query_ms;
  for (const std::string& text : texts) {
    const auto start = Clock::now();
    model.encode_queries(std::span(&text, 1));
    query_ms.push_back(maxsimd::seconds_since(start) * 1000);
  }
  const auto batch = Clock::now();
  model.encode_queries(texts);
  const double batch_seconds = maxsimd::seconds_since(batch);

  const nlohmann::json out = {
      {"isa", std::string(maxsimd::kernels::isa_name(model.isa()))},
      {"precision", precision},
      {"load_seconds", load_seconds},
      {"documents", documents.size()},
      {"tokens", tokens},
      {"vectors", embeddings.num_tokens()},
      {"seconds", seconds},
      {"tokens_per_second", static_cast<double>(tokens) / seconds},
      {"query_ms_p50", maxsimd::quantile(query_ms, 0.5)},
      {"query_ms_p95", maxsimd::quantile(query_ms, 0.95)},
      {"queries_per_second", static_cast<double>(texts.size()) / batch_seconds},
      {"peak_memory_mb",
       static_cast<double>(maxsimd::process_memory_bytes("VmHWM")) / (1024.0 * 1024.0)}};
  std::puts(out.dump().c_str());
}
