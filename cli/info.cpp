// maxsimd info MODEL: settings and architecture, as the model card prints them.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/model_flags.h"
#include "cli/verbs.h"
#include "maxsimd/base/printable.h"
#include "maxsimd/card/model_summary.h"
#include "maxsimd/checkpoint/layout_limits.h"

namespace maxsimd::cli {
namespace {

struct Flags {
  ModelFlags model;
  bool json = false;
};

// sentence-transformers has had this layout since version 6.
std::string layout_text(const ColBERT& model) {
  const CheckpointLayout layout = model.checkpoint().layout;
  const bool has_version = layout == CheckpointLayout::multi_vector_encoder;
  return std::string(layout_name(layout)).append(has_version ? " 6" : "");
}

// As loaded: lengths that were clamped or given on the command line are the model's.
std::string architecture_of(const ColBERT& model) {
  ModelSummary summary = summarize_model(model.checkpoint());
  summary.document_length = model.settings().document_length;
  return architecture_text(summary, TextKind::document);
}

void print_text(const ColBERT& model) {
  const ColbertSettings& settings = model.settings();
  const EncoderShape& shape = model.encoder_shape();
  std::printf("folder                     %s\n", model.checkpoint().folder.c_str());
  std::printf("layout                     %s\n", layout_text(model).c_str());
  std::printf("document length            %zu tokens\n", settings.document_length);
  std::printf("query length               %zu tokens\n", settings.query_length);
  std::printf("output dimensionality      %zu\n", model.dim());
  std::printf("similarity function        MaxSim\n");
  std::printf("query prefix               \"%s\"\n", printable(settings.query_prefix).c_str());
  std::printf("document prefix            \"%s\"\n", printable(settings.document_prefix).c_str());
  std::printf("query expansion            %s\n", settings.do_query_expansion ? "yes" : "no");
  std::printf("attend to expansion tokens %s\n",
              settings.attend_to_expansion_tokens ? "yes" : "no");
  std::printf("skiplist                   %zu words\n", settings.skiplist_words.size());
  std::printf("prompts                    %zu\n", settings.prompts.size());
  std::printf(
      "encoder                    %s, %zu layers, %zu hidden, %zu heads, %.1f M parameters\n",
      shape.model_type.c_str(), shape.num_layers, shape.hidden_size, shape.num_heads,
      static_cast<double>(shape.num_parameters) / 1e6);
  std::printf("vocabulary, positions      %zu, %zu\n", shape.vocab_size, shape.max_positions);
  std::printf("instruction set            %s\n",
              std::string(kernels::isa_name(model.isa())).c_str());
  std::printf("precision                  %s\n\n",
              std::string(precision_name(model.precision())).c_str());
  std::puts(architecture_of(model).c_str());
}

void print_json(const ColBERT& model) {
  const ColbertSettings& settings = model.settings();
  const EncoderShape& shape = model.encoder_shape();
  const nlohmann::json out = {{"folder", model.checkpoint().folder.string()},
                              {"layout", layout_text(model)},
                              {"document_length", settings.document_length},
                              {"query_length", settings.query_length},
                              {"dim", model.dim()},
                              {"similarity_fn_name", "MaxSim"},
                              {"query_prefix", settings.query_prefix},
                              {"document_prefix", settings.document_prefix},
                              {"do_query_expansion", settings.do_query_expansion},
                              {"attend_to_expansion_tokens", settings.attend_to_expansion_tokens},
                              {"skiplist_words", settings.skiplist_words},
                              {"prompts", settings.prompts},
                              {"model_type", shape.model_type},
                              {"num_hidden_layers", shape.num_layers},
                              {"hidden_size", shape.hidden_size},
                              {"num_attention_heads", shape.num_heads},
                              {"intermediate_size", shape.intermediate_size},
                              {"vocab_size", shape.vocab_size},
                              {"max_position_embeddings", shape.max_positions},
                              {"parameters", shape.num_parameters},
                              {"isa", std::string(kernels::isa_name(model.isa()))},
                              {"precision", std::string(precision_name(model.precision()))}};
  std::puts(out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace

void add_info(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("info", "settings and architecture of a model folder");
  const auto flags = std::make_shared<Flags>();
  add_model_flags(*verb, flags->model);
  verb->add_flag("--json", flags->json, "one JSON object");
  verb->callback([flags] {
    const ColBERT model = load_model(flags->model);
    flags->json ? print_json(model) : print_text(model);
  });
}

}  // namespace maxsimd::cli
