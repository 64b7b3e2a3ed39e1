// maxsimd tokenize MODEL --query|--document: texts on stdin, one a line -> token ids.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/lines.h"
#include "cli/model_flags.h"
#include "cli/verbs.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  ModelFlags model;
  bool query = false;
  bool document = false;
  bool offsets = false;
};

nlohmann::json as_json(const TokenizedText& text, bool offsets) {
  if (!offsets) return text.ids;
  nlohmann::json ranges = nlohmann::json::array();
  for (const ByteRange& range : text.offsets) ranges.push_back({range.begin, range.end});
  return {{"ids", text.ids}, {"offsets", ranges}};
}

void run(const Flags& flags) {
  const ColBERT model = load_model(flags.model);
  const TextKind kind = flags.query ? TextKind::query : TextKind::document;
  for_each_line([&](std::string& line, size_t) {
    std::puts(as_json(model.tokenize(line, kind), flags.offsets).dump().c_str());
  });
}

}  // namespace

void add_tokenize(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "tokenize", "texts on stdin, one a line -> token ids, one JSON list a line");
  const auto flags = std::make_shared<Flags>();
  add_model_flags(*verb, flags->model);
  auto* kind = verb->add_option_group("kind", "what the texts are");
  kind->add_flag("--query", flags->query, "queries: prefix, query length, expansion");
  kind->add_flag("--document", flags->document, "documents: prefix, document length");
  kind->require_option(1);
  verb->add_flag("--offsets", flags->offsets,
                 "objects {ids, offsets} with the bytes [begin, end) of each token");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
