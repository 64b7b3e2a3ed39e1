// Writing a model folder in one of three layouts. PyLate's, which PyLate 1.1 to 1.6 load: encoder
// weights under their Hugging Face names, Dense modules as "pylate.models.Dense.Dense", settings,
// tokenizer files. Stanford's, of colbert-ai (stanford_files.h), and the MultiVectorEncoder of
// sentence-transformers 6 (multi_vector_files.h), as far as they can hold a model
// (layout_limits.h).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd {

struct CheckpointWriteOptions {
  CheckpointLayout layout = CheckpointLayout::pylate;  // or stanford, multi_vector_encoder
  DType dtype = DType::f32;                            // F32, F16 or BF16, of every weight
  bool drop_pooler = false;  // leave out "pooler.*", which ColBERT never uses

  /// By plain name, written in place of (or beside) the checkpoint's own: "tokenizer.json" ->
  /// text.
  std::map<std::string, std::string> files;
};

/// Writes `checkpoint` (its weights, dense chain and settings as they are now: Weights::replace()
/// gives it new ones) to `folder`, atomically. Unknown keys of config.json and
/// config_sentence_transformers.json are kept. Returns notes: tensors that were left out, and what
/// readers of the layout do otherwise. Throws std::invalid_argument (the target is not empty, a
/// dtype that weights cannot have, what the layout cannot hold: all of it is named), IoError, and
/// FormatError (a weight that is not finite or overflows the dtype, naming the tensor; a name in
/// `files` that leaves the folder).
std::vector<std::string> write_checkpoint(const Checkpoint& checkpoint,
                                          const std::filesystem::path& folder,
                                          const CheckpointWriteOptions& options = {});

/// What write_checkpoint() would write but weights, by name: "1_Dense/config.json" -> text. Throws
/// as it does, but for what is wrong with weights and the folder.
std::map<std::string, std::string> checkpoint_texts(const Checkpoint& checkpoint,
                                                    const CheckpointWriteOptions& options = {});

struct ConvertOptions {
  CheckpointLayout layout = CheckpointLayout::pylate;
  DType dtype = DType::f32;  // F32, F16 or BF16
  bool drop_pooler = false;
  CheckpointOptions load;  // settings to change on the way
};

/// Reads a folder of any layout and writes it in the wanted one. Returns the notes of both.
/// Throws as load_checkpoint and write_checkpoint do.
std::vector<std::string> convert_checkpoint(const std::filesystem::path& in_folder,
                                            const std::filesystem::path& out_folder,
                                            const ConvertOptions& options = {});

}  // namespace maxsimd
