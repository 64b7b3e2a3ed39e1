// maxsimd compact INDEX: gives the space of removed documents back.
#include <cstdio>
#include <memory>

#include "cli/index_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/base/thread_pool.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  std::string index;
  bool retrain = false;
  size_t threads = 0;
  unsigned wait = 0;
};

void run(const Flags& flags) {
  ThreadPool pool(flags.threads);
  IndexWriterOptions options = writer_options(flags.wait);
  options.pool = &pool;
  RewriteBar bar(options);
  IndexWriter writer = IndexWriter::open(flags.index, options);
  if (flags.retrain && writer.snapshot().codebook()) {
    std::fprintf(stderr,
                 "%s: centroids are trained on what is stored of the vectors, which is rounded "
                 "already\n",
                 flags.index.c_str());
  }
  const CompactReport report = writer.compact({.retrain = flags.retrain});
  bar.clear();
  std::fprintf(stderr, "%s: %zu segments, %s; before %zu segments, %s\n", flags.index.c_str(),
               report.segments_after, format_bytes(report.bytes_after).c_str(),
               report.segments_before, format_bytes(report.bytes_before).c_str());
}

}  // namespace

void add_compact(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("compact", "rewrite an index without its removed documents");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_flag("--retrain", flags->retrain,
                 "residual vectors: new centroids, by which all is coded anew from what is stored "
                 "of the vectors; when 'inspect' finds them drifted");
  verb->add_option("--threads", flags->threads, "for --retrain and graphs: 0 means one a processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  add_wait_flag(*verb, flags->wait);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
