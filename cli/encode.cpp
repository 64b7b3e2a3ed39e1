// maxsimd encode MODEL IN --query|--document --out OUT.npz: texts -> token embeddings.
#include <cstdio>
#include <memory>

#include "cli/model_flags.h"
#include "cli/notes.h"
#include "cli/output_path.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/colbert/encoding_stream.h"
#include "maxsimd/data/byte_source.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/embeddings_file.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  ModelFlags model;
  std::string in, out;
  bool query = false;
  bool document = false;
  bool skip_bad = false;
  EncodeOptions encode;
};

ReadReport read(const Flags& flags, const RecordCallback& callback,
                const std::function<void(size_t, size_t)>& progress = {}) {
  ReadOptions options;
  options.skip_bad = flags.skip_bad;
  options.progress = progress;
  return flags.query ? read_queries(flags.in, options, callback)
                     : read_documents(flags.in, options, callback);
}

/// Encodes texts as they are read and writes them piece by piece, so that memory grows
/// with the input by its ids and offsets alone.
class Encoding {
 public:
  Encoding(const ColBERT& model, const Flags& flags, size_t total)
      : flags_(flags),
        writer_(flags.out, model.dim()),
        bar_("encoding", "texts"),
        stream_(model, flags.query ? TextKind::query : TextKind::document, options(total),
                [this](const EncodedPiece& piece) { write(piece); }) {}

  void add(Record& record) {
    ids_.push_back(std::move(record.id));
    stream_.push(flags_.query ? std::move(record.text) : document_text(std::move(record)));
  }

  void finish() {
    stream_.finish();
    writer_.commit();
  }

 private:
  EncodingStreamOptions options(size_t total) {
    EncodingStreamOptions options{.encode = flags_.encode, .total = total};
    options.encode.progress = bar_.callback();
    return options;
  }

  void write(const EncodedPiece& piece) {
    writer_.add(std::span(ids_).first(piece.texts.size()), piece.embeddings);
    ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(piece.texts.size()));
  }

  const Flags& flags_;
  EmbeddingsWriter writer_;
  ProgressBar bar_;
  std::vector<std::string> ids_;  // of the texts in the stream
  EncodingStream stream_;
};

void run(const Flags& flags) {
  check_output_is_no_input(flags.out, {flags.in});
  if (!std::filesystem::is_directory(flags.in)) {
    check_is_regular_file(flags.in, "it is read twice, first to check and count");
  }
  // The first pass finds every bad line before any work is done, and the total for the ETA.
  ReadReport report;
  {
    ProgressBar bar("checking", "bytes", kBarDelay);
    report = read(
        flags, [](Record&) {}, bar.callback());
  }
  tell_skipped(report.problems);
  if (report.records == 0) std::fprintf(stderr, "note: %s holds no texts\n", flags.in.c_str());
  const ColBERT model = load_model(flags.model);
  Encoding encoding(model, flags, static_cast<size_t>(report.records));
  read(flags, [&](Record& record) { encoding.add(record); });
  encoding.finish();
}

}  // namespace

void add_encode(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "encode", "queries or documents of a file -> token embeddings in a .npz file");
  const auto flags = std::make_shared<Flags>();
  add_model_flags(*verb, flags->model);
  verb->add_option("IN", flags->in,
                   "JSON lines or TSV (also .gz), or a folder of .txt and .md files")
      ->required();
  verb->add_option("--out", flags->out,
                   "the .npz to write: values [tokens, dim], offsets [n + 1], ids [n]")
      ->required();
  auto* kind = verb->add_option_group("kind", "what the texts are");
  kind->add_flag("--query", flags->query, "queries: prefix, query length, expansion");
  kind->add_flag("--document", flags->document, "documents: prefix, document length, skiplist");
  kind->require_option(1);
  verb->add_option("--pool-factor", flags->encode.pool_factor,
                   "documents: keep about 1 / N of the vectors, each the mean of a cluster")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_option("--protected-tokens", flags->encode.protected_tokens,
                   "with --pool-factor: first vectors that are kept as they are")
      ->capture_default_str();
  verb->add_option("--prompt", flags->encode.prompt, "text to put before every text");
  verb->add_option("--prompt-name", flags->encode.prompt_name, "one of the model's own prompts");
  verb->add_flag("!--no-normalize", flags->encode.normalize_embeddings,
                 "leave vectors as projected");
  verb->add_flag("--skip-bad", flags->skip_bad,
                 "pass over bad lines and list them, instead of stopping");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
