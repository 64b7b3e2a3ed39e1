// The seeded models of maxsimd/encoder/testdata with transformers' hidden states of batches
// (scripts/goldens/encoder_modernbert.py, encoder_bert_family.py).
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/safetensors.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/encoder/encoder.h"

namespace maxsimd::testing_support {

struct Batch {
  std::vector<int32_t> ids;
  std::vector<Sequence> sequences;
  size_t stride = 1;  // of each text, the golden has every so many-th row

  void add(const std::vector<int32_t>& text, size_t attended) {
    sequences.push_back({ids.size(), text.size(), attended});
    ids.insert(ids.end(), text.begin(), text.end());
  }
};

inline std::vector<float> encode(const Encoder& encoder, const Batch& batch, ThreadPool& pool) {
  EncoderWorkspace workspace;
  const auto rows = encoder.forward({batch.ids, batch.sequences}, workspace, pool);
  std::vector<float> out;
  for (const Sequence& sequence : batch.sequences) {
    for (size_t i = 0; i < sequence.length; i += batch.stride) {
      const float* row = rows.data + (sequence.begin + i) * rows.cols;
      out.insert(out.end(), row, row + rows.cols);
    }
  }
  return out;
}

/// A folder of the goldens: the model, batches, and transformers' hidden states of them.
class Golden {
 public:
  explicit Golden(const std::filesystem::path& folder)
      : folder_(folder), states_(SafetensorsFile::open(folder / "hidden_states.safetensors")) {
    const nlohmann::json cases = read_json_file(folder / "cases.json");
    for (const auto& [name, batch] : cases.items()) {
      batches_[name].stride = batch.value("stride", size_t{1});
      for (size_t i = 0; i < batch.at("ids").size(); ++i) {
        batches_[name].add(batch.at("ids")[i].get<std::vector<int32_t>>(),
                           batch.at("attended")[i].get<size_t>());
      }
    }
  }

  static std::filesystem::path folder_of(const std::string& name) {
    return std::filesystem::path(MAXSIMD_SOURCE_DIR "/maxsimd/encoder/testdata") / name;
  }

  const std::map<std::string, Batch>& batches() const { return batches_; }

  std::vector<float> states(const std::string& name) const {
    std::vector<float> all;
    for (size_t i = 0; i < batches_.at(name).sequences.size(); ++i) {
      const std::string wanted = name + "." + std::to_string(i);
      for (const TensorView& tensor : states_.tensors()) {
        if (tensor.name != wanted) continue;
        const std::vector<float> rows = decode_values(tensor);
        all.insert(all.end(), rows.begin(), rows.end());
      }
    }
    return all;
  }

  std::unique_ptr<Encoder> load(kernels::Isa isa = kernels::best_isa(),
                                Precision precision = Precision::f32) const {
    return load_encoder(load_checkpoint(folder_), {.isa = isa, .precision = precision});
  }

 private:
  std::filesystem::path folder_;
  SafetensorsFile states_;
  std::map<std::string, Batch> batches_;
};

inline float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  float largest = 0.0F;
  for (size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;  // NaN too
  }
  return largest;
}

inline double smallest_cosine(const std::vector<float>& a, const std::vector<float>& b,
                              size_t width) {
  double smallest = 1.0;
  for (size_t row = 0; row < a.size(); row += width) {
    double dot = 0.0, aa = 0.0, bb = 0.0;
    for (size_t i = row; i < row + width; ++i) {
      dot += double{a[i]} * b[i];
      aa += double{a[i]} * a[i];
      bb += double{b[i]} * b[i];
    }
    smallest = std::min(smallest, dot / std::sqrt(aa * bb));
  }
  return smallest;
}

}  // namespace maxsimd::testing_support
