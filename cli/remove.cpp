// maxsimd remove INDEX ID...: removes documents.
#include <cstdio>
#include <memory>
#include <unordered_set>

#include "cli/index_flags.h"
#include "cli/verbs.h"
#include "maxsimd/base/thread_pool.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  std::string index, ids_file;
  std::vector<std::string> ids;
  unsigned wait = 0;
};

void run(const Flags& flags) {
  if (flags.ids.empty() == flags.ids_file.empty()) {
    throw CLI::ValidationError("give ids, or --ids FILE");
  }
  const std::vector<std::string> given =
      flags.ids.empty() ? read_id_file(flags.ids_file) : flags.ids;
  std::vector<std::string> ids;
  std::unordered_set<std::string> removed;
  for (const std::string& id : given) {  // an id said twice is removed once
    if (removed.insert(id).second) ids.push_back(id);
  }
  ThreadPool pool;
  IndexWriterOptions options = writer_options(flags.wait);
  options.pool = &pool;
  RewriteBar bar(options);
  IndexWriter writer = IndexWriter::open(flags.index, options);
  const std::vector<std::string> unknown = writer.remove(ids);
  writer.commit();
  bar.clear();
  for (const std::string& id : unknown) {
    removed.erase(id);
    std::fprintf(stderr, "note: not in the index: %s\n", id.c_str());
  }
  for (const std::string& id : ids) {
    if (removed.contains(id)) std::puts(id.c_str());
  }
  std::fprintf(stderr, "%s: %zu documents removed, %zu left\n", flags.index.c_str(), removed.size(),
               writer.snapshot().size());
}

}  // namespace

void add_remove(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("remove", "remove documents from an index; prints the ids removed");
  verb->footer(
      "Space is given back by later merges, or at once by 'maxsimd compact INDEX'. Ids are "
      "printed\n"
      "as they are, one a line; one that holds a line break takes several and fits in no FILE.");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_option("ID", flags->ids, "ids; those that are not there are told and change nothing");
  verb->add_option("--ids", flags->ids_file, "or a file of them, one a line");
  add_wait_flag(*verb, flags->wait);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
