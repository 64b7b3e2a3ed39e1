#include "maxsimd/checkpoint/checkpoint_writer.h"

#include <array>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/checkpoint/folder_files.h"
#include "maxsimd/checkpoint/model_path.h"
#include "maxsimd/checkpoint/safetensors_writer.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/weight_names.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// Tokenizer files of every kind, and the Transformer module's own config, copied as they are.
constexpr std::array<const char*, 12> kCopiedFiles = {
    "tokenizer.json",  "tokenizer_config.json", "special_tokens_map.json",
    "vocab.txt",       "added_tokens.json",     "vocab.json",
    "merges.txt",      "spiece.model",          "sentencepiece.bpe.model",
    "tokenizer.model", "chat_template.jinja",   "sentence_bert_config.json"};

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

// Encoder weights under canonical names, in the order of the files they come from.
std::vector<PlannedTensor> plan_encoder(const Checkpoint& checkpoint,
                                        const CheckpointWriteOptions& options,
                                        std::vector<std::string>& notes) {
  const Weights& weights = checkpoint.weights;
  std::vector<PlannedTensor> plan;
  for (const TensorView& tensor : weights.tensors()) {
    const auto name = canonical_weight_name(tensor.name, weights.prefix());
    if (!name.has_value()) {
      const bool is_projection = checkpoint.layout == CheckpointLayout::stanford &&
                                 tensor.name == "linear.weight";  // written as 1_Dense
      if (!is_projection) {
        notes.push_back(tensor_place(tensor) + " is no part of the encoder and is not written");
      }
      continue;
    }
    if (options.drop_pooler && name->starts_with("pooler.")) continue;
    if (weights.find(*name)->name != tensor.name) continue;  // shadowed: gamma beside weight
    plan.push_back(plan_stored(*name, tensor, options.dtype));
  }
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
  write_file_atomic(folder / "config.json", dense_config_text(layer));
}

void write_small_files(const Checkpoint& checkpoint, const CheckpointWriteOptions& options,
                       const fs::path& folder) {
  std::map<std::string, std::string> files;
  files["sentence_bert_config.json"] = transformer_config_text(checkpoint.settings);
  for (const char* name : kCopiedFiles) {
    const fs::path source = checkpoint.encoder_folder / name;
    if (fs::exists(source)) files[name] = read_file(source);
  }
  if (checkpoint.layout ==
      CheckpointLayout::multi_vector_encoder) {  // PyLate knows none of its keys
    files["sentence_bert_config.json"] = transformer_config_text(checkpoint.settings);
  }
  for (const auto& [name, text] : options.files) files[name] = text;
  files["config.json"] = encoder_config_text(checkpoint, options.dtype);
  files["config_sentence_transformers.json"] = settings_text(checkpoint);
  files["modules.json"] = modules_text(checkpoint.dense.size());
  for (const auto& [name, text] : files) write_file_atomic(folder / name, text);
}

}  // namespace

std::vector<std::string> write_checkpoint(const Checkpoint& checkpoint, const fs::path& folder,
                                          const CheckpointWriteOptions& options) {
  for (const auto& [name, text] : options.files) checked_component(name, "a file to write");
  if (!checkpoint.settings.multi_vector.fit_pylate()) {
    throw std::invalid_argument(
        checkpoint.folder.string() +
        ": PyLate's layout cannot hold this model's settings: a prompt of more than one token for "
        "all queries or documents, another expansion token, queries that may be longer than they "
        "are filled up to, or a skiplist for queries");
  }
  std::vector<std::string> notes;
  AtomicFolderWriter writer(folder);
  write_safetensors(writer.path() / "model.safetensors", plan_encoder(checkpoint, options, notes));
  for (size_t i = 0; i < checkpoint.dense.size(); ++i) {
    write_dense(checkpoint.dense[i], options.dtype, writer.make_folder(dense_folder(i)));
  }
  write_small_files(checkpoint, options, writer.path());
  writer.commit();
  return notes;
}

std::vector<std::string> convert_checkpoint(const fs::path& in_folder, const fs::path& out_folder,
                                            const ConvertOptions& options) {
  const Checkpoint checkpoint = load_checkpoint(in_folder, options.load);
  std::vector<std::string> notes = checkpoint.notes;
  const std::vector<std::string> written =
      write_checkpoint(checkpoint, out_folder,
                       {.dtype = options.dtype, .drop_pooler = options.drop_pooler, .files = {}});
  notes.insert(notes.end(), written.begin(), written.end());
  return notes;
}

}  // namespace maxsimd
