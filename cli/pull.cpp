// maxsimd pull ORG/NAME: a model of the Hugging Face hub, into the cache; its folder on stdout.
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/hub_environment.h"
#include "cli/verbs.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  std::string id, revision = "main";
};

void run(const Flags& flags) {
  HubOptions options = hub_options_of_environment();
  options.revision = flags.revision;
  std::printf("%s\n", pull_shown(flags.id, std::move(options)).c_str());
}

}  // namespace

void add_pull(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "pull", "download a model from the Hugging Face hub, or what has changed of it");
  const auto flags = std::make_shared<Flags>();
  verb->add_option("ORG/NAME", flags->id, "the model's name on the hub")->required();
  verb->add_option("--revision", flags->revision, "branch, tag or commit")->capture_default_str();
  verb->footer(
      "Prints the model's folder, which lies in the cache that Hugging Face's tools share. What "
      "came\n"
      "before an interruption is kept. Read from the environment: HF_HOME or HF_HUB_CACHE (where "
      "the\n"
      "cache is), HF_ENDPOINT (a mirror), HF_TOKEN (private models), HF_HUB_OFFLINE=1 (no "
      "requests).");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
