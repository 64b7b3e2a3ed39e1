// Times tokenization on one thread, in seconds of the processor. Prints one JSON object.
//
//   bench_tokenize TOKENIZER.json CORPUS.jsonl [--documents 20000] [--offsets] [--repeats 3]
//
// bench/compare_tokenize.py runs it beside Hugging Face `tokenizers`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/text/tokenizer.h"

namespace {

// Of the processor, so that other programs do not count.
double seconds_now() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  std::string tokenizer_path, corpus;
  size_t num_documents = 20'000, repeats = 3;
  maxsimd::EncodeTextOptions options;
  CLI::App app{"Times tokenization on one thread"};
  app.add_option("TOKENIZER", tokenizer_path)->required();
  app.add_option("CORPUS", corpus)->required();
  app.add_option("--documents", num_documents);
  app.add_option("--repeats", repeats, "the fastest counts");
  app.add_flag("--offsets", options.with_offsets);
  CLI11_PARSE(app, argc, argv);

  std::vector<std::string> texts;
  size_t bytes = 0;
  maxsimd::read_documents(corpus, {}, [&](maxsimd::Record& record) {
    if (texts.size() < num_documents) texts.push_back(maxsimd::document_text(std::move(record)));
  });
  for (const std::string& text : texts) bytes += text.size();
  const double loading = seconds_now();
  const auto tokenizer = maxsimd::Tokenizer::from_json(
      maxsimd::MappedFile::open(tokenizer_path).text(), tokenizer_path);
  const double load_seconds = seconds_now() - loading;
  double seconds = 1e9;
  size_t tokens = 0;
  for (size_t repeat = 0; repeat < repeats; ++repeat) {
    tokens = 0;
    const double start = seconds_now();
    for (const std::string& text : texts) tokens += tokenizer.encode(text, options).ids.size();
    seconds = std::min(seconds, seconds_now() - start);
  }
  const nlohmann::json result = {{"tokens", tokens},
                                 {"bytes", bytes},
                                 {"seconds", seconds},
                                 {"load_seconds", load_seconds},
                                 {"tokens_per_second", static_cast<double>(tokens) / seconds}};
  std::puts(result.dump().c_str());
  return 0;
}
