// maxsimd demo: encodes the sample corpus, asks a few questions, shows the hits with the words that
// matched underlined.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>

#include "cli/corpus.h"
#include "cli/model_flags.h"
#include "cli/progress.h"
#include "cli/underline.h"
#include "cli/verbs.h"
#include "maxsimd/base/elapsed.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/retrieve.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kHits = 2;
// Matches below this say little: on this model words of like meaning score 0.6 and more.
constexpr float kShownSimilarity = 0.6F;

struct Flags {
  std::vector<std::string> questions;
  size_t threads = 0;
};

// The crowd's own questions about the sample corpus (examples/data/queries.jsonl).
const std::vector<std::string>& sample_questions() {
  static const std::vector<std::string> questions = {
      "How far do glaciers generally move per day?",
      "What effect does jet-lag and shift-work have on the human body?",
      "Who was the first European to travel the entire length of the Amazon River?",
      "What atomic bomb test did Feynman see?",
  };
  return questions;
}

/// The bytes of the document that the query's words matched well. Expansion and special rows say
/// nothing a reader could see, and neither do weak matches.
std::vector<ByteRange> matched_bytes(const ColBERT& model, const std::string& question,
                                     const std::string& text, MatrixView<const float> query,
                                     const CodedEmbeddings& documents, DocId document) {
  const auto query_rows = model.describe_rows(question, TextKind::query);
  const auto document_rows = model.describe_rows(text, TextKind::document);
  std::vector<ByteRange> ranges;
  for (const Alignment& match : align(query, documents, document)) {
    if (match.similarity < kShownSimilarity) continue;
    const ByteRange asked = query_rows[match.query_row].bytes;
    const ByteRange found = document_rows[match.document_row].bytes;
    if (asked.begin < asked.end && found.begin < found.end) ranges.push_back(found);
  }
  return ranges;
}

// For a command to be copied: quoted unless it is plain.
std::string shell_word(const std::string& word) {
  const bool plain = std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("/._-+").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void run(const Flags& flags) {
  const std::filesystem::path data = find_sample("corpus.jsonl");
  const auto start = std::chrono::steady_clock::now();
  const ColBERT model = load_model({.model = "mini", .threads = flags.threads});
  std::fprintf(stderr, "Loaded the embedded model (%zu layers, %zu dimensions) in %.2f s.\n",
               model.encoder_shape().num_layers, model.dim(), seconds_since(start));

  const Corpus corpus = read_corpus(data);
  const auto encoding = std::chrono::steady_clock::now();
  CodedEmbeddings documents(model.dim(), Codec::float32, model.isa());
  encode_corpus(model, corpus, documents);
  std::fprintf(stderr, "Encoded %zu Wikipedia paragraphs into %llu token vectors in %.1f s.\n\n",
               corpus.ids.size(), static_cast<unsigned long long>(documents.num_tokens()),
               seconds_since(encoding));

  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  for (const std::string& question :
       flags.questions.empty() ? sample_questions() : flags.questions) {
    const auto asked = std::chrono::steady_clock::now();
    const Embeddings query = model.encode_queries(std::vector<std::string>{question});
    const auto hits = search_exact(query, documents, {.k = kHits}, model.pool());
    std::printf("? %s   (%.0f ms)\n", question.c_str(), seconds_since(asked) * 1000);
    for (const ScoredDocument& hit : hits[0]) {
      const std::string& text = corpus.texts[hit.document];
      const auto ranges =
          matched_bytes(model, question, text, query.matrix(0), documents, hit.document);
      std::printf("  %.2f  [%s]\n%s\n", static_cast<double>(hit.score),
                  corpus.ids[hit.document].c_str(), underline(text, ranges, terminal).c_str());
    }
  }
  std::fflush(stdout);
  std::fprintf(
      stderr,
      "Next, with your own documents (JSON lines, TSV, or a folder of .txt and .md files):\n"
      "  maxsimd index my-index --model mini %s --store-text\n"
      "  maxsimd search my-index \"your own question\" --explain\n"
      "or\n"
      "  maxsimd demo \"your own question\"      ask the sample something else\n"
      "  maxsimd info mini                     what the model is\n"
      "  maxsimd evaluate mini --beir %s   how well it retrieves\n",
      shell_word(data.string()).c_str(), shell_word(data.parent_path().string()).c_str());
}

}  // namespace

void add_demo(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "demo", "ask the sample corpus a few questions with the embedded model; start here");
  const auto flags = std::make_shared<Flags>();
  verb->add_option("QUESTION", flags->questions, "questions to ask instead of the built-in ones");
  verb->add_option("--threads", flags->threads, "threads to use; 0 = one a processor")
      ->check(CLI::Range(0, 1024));
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
