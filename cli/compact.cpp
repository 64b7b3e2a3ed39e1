// maxsimd compact INDEX: gives the space of removed documents back.
#include <cstdio>
#include <memory>

#include "cli/index_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  std::string index;
  unsigned wait = 0;
};

void run(const Flags& flags) {
  IndexWriter writer = IndexWriter::open(flags.index, writer_options(flags.wait));
  const CompactReport report = writer.compact();
  std::fprintf(stderr, "%s: %zu segments, %s; before %zu segments, %s\n", flags.index.c_str(),
               report.segments_after, format_bytes(report.bytes_after).c_str(),
               report.segments_before, format_bytes(report.bytes_before).c_str());
}

}  // namespace

void add_compact(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("compact", "rewrite an index without its removed documents");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  add_wait_flag(*verb, flags->wait);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
