#include "cli/model_flags.h"

#include <cstdio>
#include <stdexcept>

#include "cli/notes.h"

namespace maxsimd::cli {
namespace {

namespace fs = std::filesystem;

void add_machine_flags(CLI::App& verb, ModelFlags& flags) {
  add_thread_flags(verb, flags);
  verb.add_option(
          "--precision", flags.precision,
          "of the encoder: f32 = PyLate's numbers; int8, and bf16 on AMD CPUs that have it, "
          "are faster and change the vectors slightly; auto = the fastest for documents here")
      ->check(CLI::IsMember({"f32", "bf16", "int8", "auto"}))
      ->capture_default_str();
}

constexpr const char* kSettings = "Settings (default: the model's own)";

void add_document_settings(CLI::App& verb, CheckpointOptions& o) {
  verb.add_option("--document-length", o.document_length, "tokens of a document at most")
      ->check(CLI::Range(1, 1 << 20))
      ->group(kSettings);
  verb.add_option("--document-prefix", o.document_prefix, "marker token of documents")
      ->group(kSettings);
}

void add_query_settings(CLI::App& verb, CheckpointOptions& o) {
  verb.add_option("--query-length", o.query_length, "tokens of a query")
      ->check(CLI::Range(1, 1 << 20))
      ->group(kSettings);
  verb.add_option("--query-prefix", o.query_prefix, "marker token of queries")->group(kSettings);
  verb.add_option("--do-query-expansion", o.do_query_expansion, "true|false: fill with [MASK]")
      ->group(kSettings);
  verb.add_option("--attend-to-expansion-tokens", o.attend_to_expansion_tokens, "true|false")
      ->group(kSettings);
}

}  // namespace

void add_thread_flags(CLI::App& verb, ModelFlags& flags) {
  verb.add_option("--threads", flags.threads, "threads to use; 0 = one a processor")
      ->check(CLI::Range(0, 1024));
  verb.add_option("--isa", flags.isa,
                  "instruction set to use instead of the best one: scalar, avx2, avx512, "
                  "avx512-vnni, avx512-bf16; on ARM scalar, neon, neon-dotprod");
}

void add_model_flags(CLI::App& verb, ModelFlags& flags) {
  add_model_argument(verb, flags);
  add_machine_flags(verb, flags);
}

void add_model_argument(CLI::App& verb, ModelFlags& flags) {
  verb.add_option(
          "MODEL", flags.model,
          "model folder, 'mini' (the embedded default), or ORG/NAME on the Hugging Face hub")
      ->required();
  add_query_settings(verb, flags.overrides);
  add_document_settings(verb, flags.overrides);
}

void add_index_model_flags(CLI::App& verb, ModelFlags& flags, ModelSettings which,
                           const std::string& model_help) {
  verb.add_option("--model", flags.model, model_help);
  add_machine_flags(verb, flags);
  if (which == ModelSettings::all) add_query_settings(verb, flags.overrides);
  add_document_settings(verb, flags.overrides);
}

bool asks_for_model(const ModelFlags& flags) {
  const CheckpointOptions& o = flags.overrides;
  return !flags.model.empty() || o.query_length || o.document_length || o.query_prefix ||
         o.document_prefix || o.do_query_expansion || o.attend_to_expansion_tokens;
}

kernels::Isa chosen_isa(const ModelFlags& flags) {
  const std::string& name = flags.isa;
  if (name.empty()) return kernels::best_isa();
  const auto supported = kernels::supported_isas();
  const auto isa = kernels::isa_from_name(name);
  if (isa && std::find(supported.begin(), supported.end(), *isa) != supported.end()) return *isa;
  std::string names;
  for (const kernels::Isa s : supported) names.append(" ").append(kernels::isa_name(s));
  throw std::invalid_argument("--isa " + name + ": this machine has" + names);
}

Precision chosen_precision(const ModelFlags& flags, kernels::Isa isa) {
  return precision_from_name(flags.precision).value_or(fastest_precision(isa));
}

ColBERT load_model(const ModelFlags& flags) {
  const kernels::Isa isa = chosen_isa(flags);
  ColBERT model =
      ColBERT::load(find_model(flags.model), {.checkpoint = flags.overrides,
                                              .num_threads = flags.threads,
                                              .isa = isa,
                                              .precision = chosen_precision(flags, isa)});
  tell_notes(model.notes());
  return model;
}

}  // namespace maxsimd::cli
