// Loads an encoder's tensors and remembers which, so that what was left over can be told.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/encoder/encoder.h"

namespace maxsimd {

class TensorLoader {
 public:
  /// `checkpoint` must outlive this.
  explicit TensorLoader(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  /// As Weights::load().
  std::vector<float> load(const std::string& name, std::initializer_list<size_t> shape);

  /// The token table [vocab, hidden] with a row for each id of the tokenizer (a note says when the
  /// table was shorter).
  /// Throws FormatError: the tokenizer has ids that are too far past the table to be added ones.
  std::vector<float> load_token_table(const std::string& name, size_t vocab, size_t hidden,
                                      const TokenRows& wanted, std::vector<std::string>& notes);

  /// Numbers in all tensors loaded so far.
  size_t num_parameters() const { return num_parameters_; }

  /// One line about the tensors nobody asked for, or nothing. Those of heads and buffers that are
  /// in most checkpoints and never used by a ColBERT do not count.
  std::optional<std::string> leftovers() const;

 private:
  const Checkpoint& checkpoint_;
  std::set<std::string, std::less<>> used_;
  size_t num_parameters_ = 0;
};

}  // namespace maxsimd
