// maxsimd score MODEL: pairs of texts (TSV on stdin) -> MaxSim.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/lines.h"
#include "cli/model_flags.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/search/maxsim.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kBatchPairs = 256;  // encoded together

struct Flags {
  ModelFlags model;
  bool json = false;
};

struct Pairs {
  std::vector<std::string> queries, documents;
};

void print_scores(const ColBERT& model, const Pairs& pairs, bool json) {
  const Embeddings queries = model.encode_queries(pairs.queries);
  const Embeddings documents = model.encode_documents(pairs.documents);
  for (size_t i = 0; i < pairs.queries.size(); ++i) {
    const float score = maxsim(queries.matrix(i), documents.matrix(i));
    if (json) {
      const nlohmann::json row = {
          {"query", pairs.queries[i]}, {"document", pairs.documents[i]}, {"score", score}};
      std::puts(row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else {
      std::printf("%.9g\n", static_cast<double>(score));
    }
  }
}

void run(const Flags& flags) {
  const ColBERT model = load_model(flags.model);
  Pairs pairs;
  for_each_line([&](std::string& line, size_t number) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos) {
      throw FormatError("stdin:" + std::to_string(number) +
                        ": expected QUERY<tab>DOCUMENT, found no tab");
    }
    pairs.queries.push_back(line.substr(0, tab));
    pairs.documents.push_back(line.substr(tab + 1));
    if (pairs.queries.size() == kBatchPairs) {
      print_scores(model, pairs, flags.json);
      pairs = {};
    }
  });
  print_scores(model, pairs, flags.json);
}

}  // namespace

void add_score(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "score", "pairs QUERY<tab>DOCUMENT on stdin -> their MaxSim scores, one a line");
  const auto flags = std::make_shared<Flags>();
  add_model_flags(*verb, flags->model);
  verb->add_flag("--json", flags->json, "JSON lines {query, document, score}");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
