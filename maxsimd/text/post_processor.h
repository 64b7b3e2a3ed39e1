// Post-processors of tokenizer.json: which special tokens frame a text, and where the text goes.
// Immutable; const methods are safe from any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "maxsimd/text/component_json.h"

namespace maxsimd {

/// One piece of the frame around a single text.
struct FramePiece {
  bool is_text = false;          // the tokens of the text go here
  std::vector<int32_t> special;  // otherwise these ids
};

class PostProcessor {
 public:
  /// No post-processor: the text alone.
  PostProcessor() : pieces_(1, FramePiece{true, {}}) {}
  explicit PostProcessor(std::vector<FramePiece> pieces);
  /// TemplateProcessing, BertProcessing, or RobertaProcessing without trim_offsets.
  /// Throws FormatError: malformed, or a type that is not supported (it is named).
  explicit PostProcessor(const ComponentJson& json);

  const std::vector<FramePiece>& pieces() const { return pieces_; }
  /// Number of special ids added to a text.
  size_t num_special() const { return num_special_; }
  int32_t max_id() const { return max_id_; }  // of the special ids; -1 if none

 private:
  std::vector<FramePiece> pieces_;
  size_t num_special_ = 0;
  int32_t max_id_ = -1;
};

}  // namespace maxsimd
