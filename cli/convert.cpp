// maxsimd convert MODEL OUT: any model folder -> the wanted layout and number type.
#include <cstdio>
#include <memory>

#include "cli/model_flags.h"
#include "cli/notes.h"
#include "cli/verbs.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  ModelFlags model;
  std::string out, layout = "pylate", dtype = "f32";
  bool drop_pooler = false;
};

DType dtype_of(const std::string& name) {
  if (name == "f16") return DType::f16;
  return name == "bf16" ? DType::bf16 : DType::f32;
}

CheckpointLayout layout_of(const std::string& name) {
  if (name == "stanford") return CheckpointLayout::stanford;
  return name == "sentence-transformers" ? CheckpointLayout::multi_vector_encoder
                                         : CheckpointLayout::pylate;
}

void run(const Flags& flags) {
  const auto notes = convert_checkpoint(find_model(flags.model.model), flags.out,
                                        {.layout = layout_of(flags.layout),
                                         .dtype = dtype_of(flags.dtype),
                                         .drop_pooler = flags.drop_pooler,
                                         .load = flags.model.overrides});
  tell_notes(notes);
  std::fprintf(stderr, "wrote %s (%s layout, %s)\n", flags.out.c_str(), flags.layout.c_str(),
               flags.dtype.c_str());
}

}  // namespace

void add_convert(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "convert", "write a model folder of any layout in another layout or number type");
  const auto flags = std::make_shared<Flags>();
  add_model_argument(*verb, flags->model);
  verb->add_option("OUT", flags->out, "folder to make; must not exist, or be empty")->required();
  verb->add_option("--layout", flags->layout,
                   "pylate; stanford (colbert-ai); sentence-transformers (6, MultiVectorEncoder)")
      ->check(CLI::IsMember({"pylate", "stanford", "sentence-transformers"}))
      ->capture_default_str();
  verb->add_option("--dtype", flags->dtype, "number type of the weights")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}))
      ->capture_default_str();
  verb->add_flag("--drop-pooler", flags->drop_pooler,
                 "leave out the pooler, which ColBERT never uses");
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
