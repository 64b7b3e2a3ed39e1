#include "maxsimd/checkpoint/checkpoint.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/config_reader.h"
#include "maxsimd/checkpoint/modules.h"
#include "maxsimd/checkpoint/multi_vector.h"
#include "maxsimd/checkpoint/settings.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/transformer_config.h"

namespace maxsimd {
namespace {

constexpr size_t kNewEmbeddingSize = 128;  // PyLate's, for a Dense that has to be made

ModuleList list_modules(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "modules.json")) return read_modules(folder);
  ModuleList list;
  list.modules.push_back({ModuleKind::transformer, "", "transformers.AutoModel"});
  for (const char* name : {"1_Dense", "config_sentence_transformers.json"}) {
    if (!std::filesystem::exists(folder / name)) continue;
    list.notes.push_back((folder / name).string() +
                         ": not used, because there is no modules.json that lists the modules");
  }
  return list;
}

bool is_stanford(const ConfigReader& config) {
  const auto architectures = config.json().find("architectures");
  return architectures != config.json().end() && architectures->is_array() &&
         !architectures->empty() && architectures->front() == "HF_ColBERT";
}

// [D, H], without bias: the layout of colbert-ir/colbertv2.0.
DenseLayer stanford_dense(const Weights& weights, const std::filesystem::path& folder) {
  // By exactly this name, whatever prefix the encoder's have.
  const auto tensor = std::ranges::find(weights.tensors(), "linear.weight", &TensorView::name);
  const bool is_there = tensor != weights.tensors().end();
  if (!is_there || tensor->shape.size() != 2) {
    throw FormatError(folder.string() + ": an HF_ColBERT checkpoint needs the tensor " +
                      "'linear.weight' of shape [embedding size, hidden size], found " +
                      (is_there ? shape_text(tensor->shape) : "none"));
  }
  DenseLayer layer;
  layer.path = "linear.weight";
  layer.out_features = tensor->shape[0];
  layer.in_features = tensor->shape[1];
  layer.weight = decode_weight(*tensor, tensor->shape);
  return layer;
}

void append_new_dense(Checkpoint& checkpoint, size_t in_features, size_t out_features,
                      const CheckpointOptions& options) {
  const uint64_t seed = options.seed + checkpoint.dense.size();
  std::string place = " was made";
  if (!checkpoint.dense.empty()) {
    const DenseLayer& last = checkpoint.dense.back();
    place = " was added behind the projection " + std::to_string(last.in_features) + " -> " +
            std::to_string(last.out_features) + " that is there";
  }
  checkpoint.dense.push_back(make_dense(in_features, out_features, options.bias, seed));
  checkpoint.notes.push_back(checkpoint.folder.string() + ": a new Dense " +
                             std::to_string(in_features) + " -> " + std::to_string(out_features) +
                             " with random weights (seed " + std::to_string(seed) + ")" + place +
                             "; train the model before you rely on it");
}

void complete_chain(Checkpoint& checkpoint, std::optional<size_t> hidden_size,
                    const CheckpointOptions& options) {
  if (checkpoint.dense.empty()) {
    if (!hidden_size.has_value()) {
      throw FormatError((checkpoint.encoder_folder / "config.json").string() +
                        ": no \"hidden_size\"; it is needed to make a projection for an encoder "
                        "without one");
    }
    append_new_dense(checkpoint, *hidden_size, options.embedding_size.value_or(kNewEmbeddingSize),
                     options);
    checkpoint.layout = CheckpointLayout::plain_encoder;
  }
  const size_t width = checkpoint.dense.back().out_features;
  const size_t wanted = options.embedding_size.value_or(width);
  if (wanted != width) append_new_dense(checkpoint, width, wanted, options);
  check_dense_chain(checkpoint.dense, hidden_size.value_or(0), checkpoint.folder.string());
}

void check_folder(const std::filesystem::path& folder) {
  if (std::filesystem::is_directory(folder)) return;
  throw IoError(folder.string() + ": expected a model folder, found " +
                (std::filesystem::exists(folder) ? "a file" : "nothing"));
}

void check_no_adapter(const std::filesystem::path& encoder_folder) {
  const std::filesystem::path adapter = encoder_folder / "adapter_config.json";
  if (!std::filesystem::exists(adapter)) return;
  throw FormatError(adapter.string() +
                    ": the model has an adapter (PEFT, LoRA) beside its weights, which is not "
                    "supported; merge it into them with peft (merge_and_unload()) and save the "
                    "model, or remove the file to use the weights without it");
}

void check_not_quantized(const ConfigReader& config) {
  const auto found = config.json().find("quantization_config");
  if (found == config.json().end() || found->is_null()) return;
  config.fail("quantization_config",
              "absent: weights quantized by another library are not supported; save the model in "
              "float32, float16 or bfloat16 (--precision int8 rounds them on loading)");
}

// transformers reads these instead of config.json and model.safetensors.
void check_no_other_files(const ConfigReader& config) {
  const auto configs = config.texts("configuration_files");
  if (configs && *configs != std::vector<std::string>{"config.json"}) {
    config.fail("configuration_files",
                "absent: configs for versions of transformers are not supported; write the one "
                "that counts into config.json");
  }
  if (config.text("transformers_weights").value_or("model.safetensors") != "model.safetensors") {
    config.fail("transformers_weights",
                "absent: weights are read from model.safetensors; rename the file");
  }
}

// What only counts beside a modules.json: without one no Transformer module is made of its file.
void read_listed_settings(Checkpoint& checkpoint, const ModuleList& list,
                          const ConfigReader& config, CheckpointOptions& options) {
  const ConfigReader transformer = read_transformer_config(checkpoint.encoder_folder);
  check_transformer_config(transformer, config, !list.mask_path.empty());
  checkpoint.settings.do_lower_case = transformer.flag("do_lower_case").value_or(false);
  const std::filesystem::path metadata = checkpoint.folder / "config_sentence_transformers.json";
  if (!std::filesystem::exists(metadata)) return;
  checkpoint.metadata_text = read_file(metadata);
  read_sentence_transformers_settings(checkpoint.metadata_text, metadata.string(), options,
                                      checkpoint.settings);
}

}  // namespace

Checkpoint load_checkpoint(const std::filesystem::path& folder, const CheckpointOptions& options) {
  check_folder(folder);
  if (options.embedding_size == size_t{0}) {
    throw std::invalid_argument("embedding_size must be at least 1, got 0");
  }
  ModuleList list = list_modules(folder);
  const std::filesystem::path encoder_folder =
      list.modules.front().path.empty() ? folder : folder / list.modules.front().path;
  check_no_adapter(encoder_folder);
  const std::string config_text = read_file(encoder_folder / "config.json");
  const ConfigReader config =
      ConfigReader::parse(config_text, (encoder_folder / "config.json").string());
  check_not_quantized(config);
  check_no_other_files(config);
  Checkpoint checkpoint{.folder = folder,
                        .encoder_folder = encoder_folder,
                        .layout = CheckpointLayout::pylate,
                        .config_text = config_text,
                        .weights = Weights::open(encoder_folder),
                        .dense = {},
                        .settings = {},
                        .notes = std::move(list.notes),
                        .metadata_text = {}};
  CheckpointOptions merged = options;
  if (std::filesystem::exists(folder / "modules.json")) {
    read_listed_settings(checkpoint, list, config, merged);
  }
  for (size_t i = 1; i < list.modules.size(); ++i) {
    checkpoint.dense.push_back(read_dense(folder, list.modules[i]));
  }
  if (checkpoint.dense.empty() && is_stanford(config)) {
    checkpoint.layout = CheckpointLayout::stanford;
    checkpoint.dense.push_back(stanford_dense(checkpoint.weights, encoder_folder));
    read_stanford_settings(folder, merged);
  }
  if (!list.mask_path.empty()) {
    checkpoint.layout = CheckpointLayout::multi_vector_encoder;
    read_multi_vector_settings(checkpoint, list, merged, checkpoint.settings, checkpoint.notes);
  }
  const auto hidden_size = config.count("hidden_size");
  const auto width = hidden_size ? hidden_size : config.count("dim");  // DistilBERT's
  complete_chain(checkpoint, width, options);
  apply_options(merged, checkpoint.settings);
  return checkpoint;
}

}  // namespace maxsimd
