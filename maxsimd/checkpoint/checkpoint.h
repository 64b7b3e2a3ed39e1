// A model folder, read: where the encoder's weights are, the projection chain, and the ColBERT
// settings. Four layouts: PyLate (modules.json), Stanford (HF_ColBERT with artifact.metadata), the
// MultiVectorEncoder of sentence-transformers 6, and a plain encoder, which gets a new projection.
// Behaviour follows PyLate 1.6 (pylate/models/colbert.py). Plain data after load; safe to read from
// any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/dense.h"
#include "maxsimd/checkpoint/weights.h"

namespace maxsimd {

enum class CheckpointLayout { pylate, stanford, multi_vector_encoder, plain_encoder };

/// What a MultiVectorEncoder of sentence-transformers 6 can say and PyLate cannot; the defaults are
/// PyLate's ways.
struct MultiVectorSettings {
  std::optional<std::string> query_prompt, document_prompt;  // before texts without another prompt
  std::optional<size_t> expansion_length;      // queries are filled up to so many tokens; default:
                                               // query_length
  std::optional<std::string> expansion_token;  // default: the mask token
  bool skip_in_queries = false, skip_in_documents = true;  // where the skiplist applies
  bool strip_texts = true;  // white space at both ends goes before anything else
};

/// What makes an encoder a ColBERT. Lengths are in tokens, special tokens and prefix included.
struct ColbertSettings {
  std::string query_prefix = "[Q] ";
  std::string document_prefix = "[D] ";
  size_t query_length = 32;
  size_t document_length = 180;
  bool do_query_expansion = true;
  bool attend_to_expansion_tokens = false;  // false whenever do_query_expansion is
  std::vector<std::string>
      skiplist_words;  // default: the 32 characters of Python's string.punctuation
  std::map<std::string, std::string> prompts;
  std::optional<std::string> default_prompt_name;
  bool do_lower_case = false;  // of sentence_bert_config.json
  MultiVectorSettings multi_vector;
};

/// The default skiplist: the 32 ASCII punctuation characters, one string each.
const std::vector<std::string>& default_skiplist_words();

/// Explicit values win over those of the folder, which win over the defaults.
struct CheckpointOptions {
  std::optional<std::string> query_prefix, document_prefix;
  std::optional<size_t> query_length, document_length;
  std::optional<bool> do_query_expansion, attend_to_expansion_tokens;
  std::optional<std::vector<std::string>> skiplist_words;
  std::optional<size_t> embedding_size;  // another width appends a new Dense; 128 when one is made
  bool bias = false;                     // of a new Dense
  uint64_t seed = 42;                    // of a new Dense's weights (U(-1/sqrt(H), 1/sqrt(H)))
};

struct Checkpoint {
  std::filesystem::path folder;
  std::filesystem::path encoder_folder;  // config.json, weights and tokenizer: folder, or one in it
  CheckpointLayout layout = CheckpointLayout::pylate;
  std::string config_text;  // config.json as it lies there; the encoder room reads it
  Weights weights;
  std::vector<DenseLayer> dense;  // at least one; applied in order
  ColbertSettings settings;
  std::vector<std::string> notes;  // what a user should know (new Dense made, module dropped, ...)
  std::string metadata_text;       // config_sentence_transformers.json as it lies there, or ""
};

/// Throws IoError (no such folder or file), FormatError (what is wrong, where, what to do) and
/// std::invalid_argument (an option of 0 length or width).
Checkpoint load_checkpoint(const std::filesystem::path& folder,
                           const CheckpointOptions& options = {});

}  // namespace maxsimd
