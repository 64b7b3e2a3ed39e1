// The MODEL argument and the flags every verb that loads a model shares.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "cli/shipped.h"
#include "maxsimd/colbert/colbert.h"

namespace maxsimd::cli {

struct ModelFlags {
  std::string model;
  size_t threads = 0;
  std::string isa;                // "" = the best this machine has
  std::string precision = "f32";  // or "auto"
  CheckpointOptions overrides;
};

/// Adds MODEL and the settings that can be overridden.
void add_model_argument(CLI::App& verb, ModelFlags& flags);

/// --threads and --isa.
void add_thread_flags(CLI::App& verb, ModelFlags& flags);

/// MODEL and settings with --threads, --isa and --precision, for verbs that encode.
void add_model_flags(CLI::App& verb, ModelFlags& flags);

/// For verbs on an index, which names its model: --model, --threads, --isa, --precision, and the
/// settings that matter to documents, or all of them.
enum class ModelSettings { of_documents, all };
void add_index_model_flags(CLI::App& verb, ModelFlags& flags, ModelSettings which,
                           const std::string& model_help);

/// Whether any flag that needs a model was given (--model or a setting).
bool asks_for_model(const ModelFlags& flags);

/// The instruction set of --isa, or the best. Throws std::invalid_argument: not on this machine.
kernels::Isa chosen_isa(const ModelFlags& flags);

/// What --precision says on an instruction set.
Precision chosen_precision(const ModelFlags& flags, kernels::Isa isa);

/// Finds the folder and loads the model; its notes go to stderr.
ColBERT load_model(const ModelFlags& flags);

}  // namespace maxsimd::cli
