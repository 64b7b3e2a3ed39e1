#include "maxsimd/checkpoint/checkpoint_writer.h"

#include <array>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/folder_files.h"
#include "maxsimd/checkpoint/layout_limits.h"
#include "maxsimd/checkpoint/model_path.h"
#include "maxsimd/checkpoint/multi_vector_files.h"
#include "maxsimd/checkpoint/safetensors_writer.h"
#include "maxsimd/checkpoint/stanford_files.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/tokenizer_files.h"
#include "maxsimd/checkpoint/weight_names.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// Tokenizer files of every kind, copied as they are.
constexpr std::array<const char*, 11> kTokenizerFiles = {
    "tokenizer.json",  "tokenizer_config.json", "special_tokens_map.json",
    "vocab.txt",       "added_tokens.json",     "vocab.json",
    "merges.txt",      "spiece.model",          "sentencepiece.bpe.model",
    "tokenizer.model", "chat_template.jinja"};

bool is_integer(DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::u8:
    case DType::i8:
    case DType::i16:
    case DType::u16:
    case DType::i32:
    case DType::u32:
    case DType::i64:
    case DType::u64:
      return true;
    default:
      return false;
  }
}

PlannedTensor plan_stored(const std::string& name, const TensorView& tensor, DType dtype) {
  if (is_integer(tensor.dtype)) {
    return {name, tensor.dtype, tensor.shape,
            [tensor] { return std::vector<std::byte>(tensor.bytes.begin(), tensor.bytes.end()); }};
  }
  return {name, dtype, tensor.shape, [tensor, dtype] {
            return encode_values(decode_values(tensor), dtype, tensor_place(tensor));
          }};
}

// In colbert-ai's layout, beside the encoder.
PlannedTensor plan_projection(const DenseLayer& layer, DType dtype) {
  return {"linear.weight", dtype, {layer.out_features, layer.in_features}, [&layer, dtype] {
            return encode_values(layer.weight, dtype, "tensor 'linear.weight'");
          }};
}

// Encoder weights under the layout's names, in the order of the files they come from.
std::vector<PlannedTensor> plan_encoder(const Checkpoint& checkpoint,
                                        const CheckpointWriteOptions& options,
                                        std::vector<std::string>& notes) {
  const Weights& weights = checkpoint.weights;
  const bool is_stanford = options.layout == CheckpointLayout::stanford;
  const std::string prefix = is_stanford ? stanford_weight_prefix(checkpoint).value() : "";
  std::vector<PlannedTensor> plan;
  for (const TensorView& tensor : weights.tensors()) {
    const auto name = canonical_weight_name(tensor.name, weights.prefix());
    if (!name.has_value()) {
      const bool is_projection = checkpoint.layout == CheckpointLayout::stanford &&
                                 tensor.name == "linear.weight";  // written from `dense`
      if (!is_projection) {
        notes.push_back(tensor_place(tensor) + " is no part of the encoder and is not written");
      }
      continue;
    }
    if (options.drop_pooler && name->starts_with("pooler.")) continue;
    if (weights.find(*name)->name != tensor.name) continue;  // shadowed: gamma beside weight
    plan.push_back(plan_stored(prefix + *name, tensor, options.dtype));
  }
  if (is_stanford) plan.push_back(plan_projection(checkpoint.dense.front(), options.dtype));
  return plan;
}

void write_dense(const DenseLayer& layer, DType dtype, const fs::path& folder) {
  const size_t in = layer.in_features;
  const size_t out = layer.out_features;
  std::vector<PlannedTensor> plan;
  const auto add = [&](const std::string& name, const std::vector<size_t>& shape,
                       const std::vector<float>& values) {
    if (values.empty()) return;
    plan.push_back({name, dtype, shape, [name, &values, dtype] {
                      return encode_values(values, dtype, "tensor '" + name + "'");
                    }});
  };
  add("linear.weight", {out, in}, layer.weight);
  add("linear.bias", {out}, layer.bias);
  add("residual.weight", {out, in}, layer.residual_weight);
  write_safetensors(folder / "model.safetensors", plan);
}

using Texts = std::map<std::string, std::string>;

Texts pylate_files(const Checkpoint& checkpoint) {
  Texts files;
  files["sentence_bert_config.json"] = transformer_config_text(checkpoint.settings);
  const fs::path source = checkpoint.encoder_folder / "sentence_bert_config.json";
  const bool is_multi_vector = checkpoint.layout == CheckpointLayout::multi_vector_encoder;
  const bool is_read = fs::exists(checkpoint.folder / "modules.json");
  // Of a MultiVectorEncoder PyLate knows none of its keys.
  if (!is_multi_vector && is_read && fs::exists(source)) {
    files["sentence_bert_config.json"] = read_file(source);
  }
  files["config_sentence_transformers.json"] = settings_text(checkpoint);
  files["modules.json"] = modules_text(checkpoint.dense.size());
  for (size_t i = 0; i < checkpoint.dense.size(); ++i) {
    files[dense_folder(i) + "/config.json"] = dense_config_text(checkpoint.dense[i]);
  }
  return files;
}

// The tokenizer's files and whatever the caller gives, by name.
Texts tokenizer_files(const Checkpoint& checkpoint, const CheckpointWriteOptions& options) {
  Texts files;
  for (const char* name : kTokenizerFiles) {
    const fs::path source = checkpoint.encoder_folder / name;
    if (fs::exists(source)) files[name] = read_file(source);
  }
  for (const auto& [name, text] : options.files) files[name] = text;
  return files;
}

// The tokenizer that those files make. Only PyLate's layout needs none.
Tokenizer written_tokenizer(const Checkpoint& checkpoint, const CheckpointWriteOptions& options) {
  const auto given = options.files.find("tokenizer.json");
  return given == options.files.end() ? Tokenizer::load(checkpoint.encoder_folder)
                                      : Tokenizer::from_json(given->second, "tokenizer.json");
}

/// All files but the weights.
struct FolderPlan {
  Texts files;
  std::vector<std::string> notes;
};

// Throws for what the layout cannot hold, before anything is written.
FolderPlan plan_folder(const Checkpoint& checkpoint, const CheckpointWriteOptions& options) {
  FolderPlan plan{tokenizer_files(checkpoint, options), {}};
  Texts own;
  const bool needs_tokenizer = options.layout != CheckpointLayout::pylate ||
                               checkpoint.layout == CheckpointLayout::multi_vector_encoder;
  if (needs_tokenizer) {
    Tokenizer tokenizer = written_tokenizer(checkpoint, options);
    if (options.layout == CheckpointLayout::multi_vector_encoder) {
      const auto added = add_prefix_tokens(checkpoint.settings, tokenizer);
      if (!added.empty()) put_added_tokens(checkpoint, tokenizer, added, plan.files);
    }
    check_layout_holds(checkpoint, tokenizer, options.layout);
    plan.notes = layout_notes(checkpoint, tokenizer, options.layout);
    if (options.layout == CheckpointLayout::multi_vector_encoder) {
      own = multi_vector_files(checkpoint, tokenizer);
    } else if (options.layout == CheckpointLayout::stanford) {
      restore_padding_token(checkpoint, tokenizer, plan.files);
      own["artifact.metadata"] = artifact_metadata_text(checkpoint);
    }
  }
  if (options.layout != CheckpointLayout::multi_vector_encoder) {
    write_for_transformers_4(checkpoint, plan.files);
  }
  if (options.layout == CheckpointLayout::pylate) own = pylate_files(checkpoint);
  own["config.json"] = encoder_config_text(checkpoint, options.dtype, options.layout);
  for (auto& [name, text] : own) plan.files[name] = std::move(text);
  return plan;
}

void write_files(const Texts& files, const AtomicFolderWriter& writer) {
  for (const auto& [name, text] : files) {
    const fs::path path = writer.path() / name;
    const bool is_in_module = path.parent_path() != writer.path();
    if (is_in_module && !fs::exists(path.parent_path())) {
      writer.make_folder(path.parent_path().filename().string());
    }
    write_file_atomic(path, text);
  }
}

}  // namespace

std::vector<std::string> write_checkpoint(const Checkpoint& checkpoint, const fs::path& folder,
                                          const CheckpointWriteOptions& options) {
  for (const auto& [name, text] : options.files) checked_component(name, "a file to write");
  FolderPlan plan = plan_folder(checkpoint, options);
  AtomicFolderWriter writer(folder);
  write_safetensors(writer.path() / "model.safetensors",
                    plan_encoder(checkpoint, options, plan.notes));
  if (options.layout != CheckpointLayout::stanford) {
    for (size_t i = 0; i < checkpoint.dense.size(); ++i) {
      write_dense(checkpoint.dense[i], options.dtype, writer.make_folder(dense_folder(i)));
    }
  }
  write_files(plan.files, writer);
  writer.commit();
  return plan.notes;
}

std::map<std::string, std::string> checkpoint_texts(const Checkpoint& checkpoint,
                                                    const CheckpointWriteOptions& options) {
  return plan_folder(checkpoint, options).files;
}

std::vector<std::string> convert_checkpoint(const fs::path& in_folder, const fs::path& out_folder,
                                            const ConvertOptions& options) {
  const Checkpoint checkpoint = load_checkpoint(in_folder, options.load);
  std::vector<std::string> notes = checkpoint.notes;
  const std::vector<std::string> written = write_checkpoint(checkpoint, out_folder,
                                                            {.layout = options.layout,
                                                             .dtype = options.dtype,
                                                             .drop_pooler = options.drop_pooler,
                                                             .files = {}});
  notes.insert(notes.end(), written.begin(), written.end());
  return notes;
}

}  // namespace maxsimd
