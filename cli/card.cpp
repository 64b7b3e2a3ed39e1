// maxsimd card RUN_FOLDER: the model card of a training run, written anew from its record.
#include <cstdio>
#include <memory>

#include "cli/output_path.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/model_id.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/card/training_record_file.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  std::string run_folder, out;
  CardOptions card;
};

void run(const Flags& flags) {
  // What is wrong with the record itself is told when it is read.
  const RunCard card = as_usage([&] { return card_of_run(flags.run_folder, flags.card); });
  if (flags.out == "-") {
    std::fwrite(card.text.data(), 1, card.text.size(), stdout);
    return;
  }
  check_output_is_no_input(flags.out,
                           {std::filesystem::path(flags.run_folder) / kTrainingRecordName});
  const std::filesystem::path path =
      flags.out.empty() ? card.default_path : std::filesystem::path(flags.out);
  write_file_atomic(path, card.text);
  std::fprintf(stderr, "wrote %s\n", path.c_str());
}

}  // namespace

void add_card(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "card", "write the model card (README.md) of a training run anew, from its run.json");
  const auto flags = std::make_shared<Flags>();
  verb->add_option("RUN_FOLDER", flags->run_folder, "output folder of a training run")->required();
  verb->add_option(
      "--out", flags->out,
      "file to write, '-' for standard output (default: README.md in the model's folder)");
  verb->add_flag("--pylate", flags->card.pylate,
                 "to the letter of PyLate's card, its mistakes included (docs/model_card.md)");
  verb->add_option("--model-name", flags->card.model_name, "title, in place of what run.json says");
  verb->add_option("--hub-model-id", flags->card.model_id,
                   "ORG/NAME it will be published as, in place of run.json's")
      ->check(problem_of_model_id);
  verb->add_option("--language", flags->card.language,
                   "en, ...; in place of run.json's; may be repeated");
  verb->add_option("--license", flags->card.license, "apache-2.0, ...; in place of run.json's");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
