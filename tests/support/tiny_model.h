// Small seeded model folders for tests: a BERT of any shape with random weights, a WordPiece
// tokenizer over a handful of words, and a projection, written as the real files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace maxsimd::testing_support {

struct Tensor {
  std::vector<size_t> shape;
  std::vector<float> values;
};
using Tensors = std::map<std::string, Tensor>;

/// Writes float32 tensors as a .safetensors file.
void write_safetensors(const std::filesystem::path& path, const Tensors& tensors);
void write_text(const std::filesystem::path& path, const std::string& text);

/// Uniform in [-scale, scale), the same on every machine.
std::vector<float> random_values(uint64_t seed, size_t count, float scale);

struct TinyBertShape {
  size_t hidden = 8;
  size_t layers = 2;
  size_t heads = 2;
  size_t intermediate = 16;
  size_t vocab = 40;
  size_t positions = 64;
  size_t dim = 4;  // of the projection
  uint64_t seed = 1;
};

/// The encoder's tensors under their Hugging Face names.
Tensors tiny_bert_tensors(const TinyBertShape& shape);

/// vocab.txt of tiny models: [PAD] [unused0] [unused1] [UNK] [CLS] [SEP] [MASK], then these words.
const std::vector<std::string>& tiny_vocabulary();

/// Writes a whole PyLate folder (prefixes [unused0] / [unused1], lengths 8 / 16) and returns the
/// encoder's tensors.
Tensors write_tiny_model(const std::filesystem::path& folder, const TinyBertShape& shape = {});

/// A tokenizer.json text over tiny_vocabulary(), BERT uncased rules.
std::string tiny_tokenizer_json();

}  // namespace maxsimd::testing_support
