// maxsimd compact INDEX: gives the space of removed documents back; with --retrain, codes the
// vectors by new centroids.
#include <cstdio>
#include <memory>
#include <string>

#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/progress.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/collection/retraining.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  ModelFlags model;
  std::string index;
  bool retrain = false;
  bool from_vectors = false;
  unsigned wait = 0;
};

// A flag that would do nothing is a misunderstanding.
void check_flags(const Flags& flags) {
  if (flags.from_vectors && !flags.retrain) refuse("--from-vectors: is for --retrain");
  if (!asks_for_model(flags.model)) return;
  if (!flags.retrain) refuse("--model and its settings: are for --retrain, which encodes texts");
  if (flags.from_vectors) refuse("--from-vectors: nothing is encoded; leave out --model");
}

// Loads the model, the index's own unless another copy is named.
TextEncoder model_encoder(ModelFlags flags, const std::string& index, const IndexWriter& writer,
                          RewriteBar& bar) {
  use_index_model(flags, index, writer.settings());
  TextEncoder encode = text_encoder(
      index, writer, std::make_shared<const ColBERT>(load_model(flags)), "--from-vectors",
      [&bar](size_t done, size_t total) { bar.show_encoded(done, total); });
  std::fprintf(stderr,
               "%s: texts are encoded anew by the model '%s'; centroids are trained on their "
               "vectors\n",
               index.c_str(), flags.model.c_str());
  return encode;
}

/// Why texts that are stored are not to be encoded anew; empty: they are.
std::string reason_not_to_encode(const Flags& flags, const IndexSettings& settings) {
  if (flags.from_vectors) return "asked with --from-vectors";
  const bool is_model_known = !settings.model.empty() || !flags.model.model.empty();
  if (settings.store_text && !is_model_known) return "no model is known; --model names one";
  return {};
}

/// What the new centroids are trained on, told on stderr: vectors of the texts, or, without an
/// encoder, the stored ones.
TextEncoder chosen_encoder(const Flags& flags, const IndexWriter& writer, RewriteBar& bar) {
  const auto vectors = vectors_to_train_on(writer, reason_not_to_encode(flags, writer.settings()));
  if (!vectors) return model_encoder(flags.model, flags.index, writer, bar);
  if (asks_for_model(flags.model)) refuse_unused_model(flags.index, "--model", *vectors);
  std::fprintf(stderr, "%s: centroids are trained on %s\n", flags.index.c_str(), vectors->c_str());
  return {};
}

void run(const Flags& flags) {
  check_flags(flags);
  ThreadPool pool(flags.model.threads);
  IndexWriterOptions options = writer_options(flags.wait);
  options.pool = &pool;
  options.isa = chosen_isa(flags.model);
  RewriteBar bar(options);
  IndexWriter writer = IndexWriter::open(flags.index, options);
  CompactOptions compact{.retrain = flags.retrain};
  if (flags.retrain && writer.snapshot().codebook()) {
    compact.encode = chosen_encoder(flags, writer, bar);
  } else if (flags.retrain && has_residuals(writer.settings().kind, writer.settings().codec)) {
    std::fprintf(stderr, "%s: there are no centroids yet to be replaced; no text is encoded\n",
                 flags.index.c_str());
  }
  const CompactReport report = writer.compact(compact);
  bar.clear();
  std::fprintf(stderr, "%s: %zu segments, %s; before %zu segments, %s\n", flags.index.c_str(),
               report.segments_after, format_bytes(report.bytes_after).c_str(),
               report.segments_before, format_bytes(report.bytes_before).c_str());
}

}  // namespace

void add_compact(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("compact", "rewrite an index without its removed documents");
  verb->footer(
      "--retrain encodes the stored texts (index --store-text) anew by the index's model, trains\n"
      "centroids on these vectors and codes them: what an index built of the texts would hold.\n"
      "Where texts are not stored, or not of all documents, or no model is known, centroids are\n"
      "trained on what the codes stand for, and all is rounded once more; so it is with\n"
      "--from-vectors, which takes seconds where encoding takes minutes. Vectors stored beside\n"
      "codes (kind plaid of another codec) stay as they are. What is done is said on stderr.");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_flag("--retrain", flags->retrain,
                 "residual vectors: new centroids, by which all is coded anew; when 'inspect' "
                 "finds vectors drifted");
  verb->add_flag("--from-vectors", flags->from_vectors,
                 "with --retrain: train on what is stored of the vectors, and encode no text");
  add_index_model_flags(
      *verb, flags->model, ModelSettings::of_documents,
      "with --retrain: model folder, or 'mini'; default: the one the index was made with");
  add_wait_flag(*verb, flags->wait);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
