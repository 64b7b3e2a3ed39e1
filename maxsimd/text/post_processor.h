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

/// A step that takes the white space at both ends of a token out of its offsets (ByteLevel,
/// RobertaProcessing).
struct TrimStep {
  /// Leave the first token its one space: the tokenizer put it there.
  bool add_prefix_space = false;
  /// The frame was put around the tokens before this step.
  bool is_framed = false;
};

class PostProcessor {
 public:
  /// No post-processor: the text alone.
  PostProcessor() : PostProcessor(std::vector<FramePiece>{{true, {}}}) {}
  explicit PostProcessor(std::vector<FramePiece> pieces);
  /// TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, or a Sequence of these in
  /// which at most one adds tokens. Throws FormatError: malformed, or not supported (it is named).
  explicit PostProcessor(const ComponentJson& json);

  const std::vector<FramePiece>& pieces() const { return pieces_; }
  const std::vector<TrimStep>& trims() const { return trims_; }
  /// Number of special ids added to a text.
  size_t num_special() const { return num_special_; }
  int32_t max_id() const { return max_id_; }  // of the special ids; -1 if none
  /// Whether a text or a special token gets another token type than 0.
  bool has_other_types() const { return has_other_types_; }

 private:
  void append(const ComponentJson& json);
  void set_pieces(std::vector<FramePiece> pieces, const ComponentJson& json);
  void count();

  std::vector<FramePiece> pieces_;
  std::vector<TrimStep> trims_;
  bool is_framed_ = false;
  bool has_other_types_ = false;
  bool is_one_encoding_ = true;
  size_t num_special_ = 0;
  int32_t max_id_ = -1;
};

}  // namespace maxsimd
