// maxsimd: the command line. Exit code 0 success, 1 failure, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "cli/verbs.h"
#include "maxsimd/base/printable.h"

namespace {

constexpr const char* kVersion = "maxsimd " MAXSIMD_VERSION;

void add_verbs(CLI::App& app) {
  using namespace maxsimd::cli;
  add_demo(app);
  add_info(app);
  add_tokenize(app);
  add_encode(app);
  add_score(app);
  add_index(app);
  add_search(app);
  add_remove(app);
  add_inspect(app);
  add_verify(app);
  add_compact(app);
  add_tune(app);
  add_rerank(app);
  add_evaluate(app);
  add_mine(app);
  add_convert(app);
  add_pull(app);
  add_train(app);
  add_card(app);
  add_bench(app);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOFBF, 1 << 16);
  CLI::App app{
      "Late-interaction retrieval: load a ColBERT model, encode, index, search, rerank, evaluate.",
      "maxsimd"};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.footer("Start with 'maxsimd demo'. 'maxsimd VERB --help' explains a verb.");
  add_verbs(app);
  try {
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0) {
      std::fprintf(stderr, "maxsimd: cannot write to standard output\n");
      return 1;
    }
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "maxsimd: %s\n", maxsimd::printable(error.what()).c_str());
    return 1;
  }
}
