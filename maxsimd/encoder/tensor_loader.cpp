#include "maxsimd/encoder/tensor_loader.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

// BERT's pooler; the heads of masked language models; linear.weight is a Stanford projection.
constexpr std::array<std::string_view, 6> kHeads = {"pooler.",  "linear.",  "head.",
                                                    "decoder.", "lm_head.", "vocab_"};

bool is_expected(std::string_view name) {
  const auto heads = [&](std::string_view head) { return name.starts_with(head); };
  return std::ranges::any_of(kHeads, heads) || name.find(".pooler.") != std::string_view::npos ||
         name.ends_with("position_ids");
}

}  // namespace

std::vector<float> TensorLoader::load(const std::string& name,
                                      std::initializer_list<size_t> shape) {
  std::vector<float> values = checkpoint_.weights.load(name, shape);
  used_.insert(checkpoint_.weights.find(name)->name);
  num_parameters_ += values.size();
  return values;
}

std::vector<float> TensorLoader::load_token_table(const std::string& name, size_t vocab,
                                                  size_t hidden, const TokenRows& wanted,
                                                  std::vector<std::string>& notes) {
  if (wanted.count > vocab + kMaxAddedRows) {
    throw FormatError(checkpoint_.encoder_folder.string() + ": the tokenizer has ids up to " +
                      std::to_string(wanted.count - 1) +
                      ", the embedding table of the checkpoint has " + std::to_string(vocab) +
                      " rows; they do not belong together");
  }
  if (wanted.count > vocab) {
    notes.push_back("the embedding table was grown from " + std::to_string(vocab) + " to " +
                    std::to_string(wanted.count) +
                    " rows for the tokenizer's ids; new rows are the mean of the others");
  }
  std::vector<float> rows = load(name, {vocab, hidden});
  num_parameters_ -= rows.size();
  rows = grow_embedding_rows(std::move(rows), hidden, wanted);
  num_parameters_ += rows.size();
  return rows;
}

std::optional<std::string> TensorLoader::leftovers() const {
  size_t count = 0;
  std::string example;
  for (const TensorView& tensor : checkpoint_.weights.tensors()) {
    if (used_.contains(tensor.name) || is_expected(tensor.name)) continue;
    if (count++ == 0) example = std::string(tensor.name);
  }
  if (count == 0) return std::nullopt;
  return std::to_string(count) + " tensors of the checkpoint are not part of this encoder and " +
         "were ignored, for one '" + example + "'";
}

}  // namespace maxsimd
