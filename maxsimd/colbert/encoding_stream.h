// Encodes texts that come one after another, however many, in bounded memory.
//
// Texts are gathered into pieces. A thread of the stream's own drives the model's thread pool
// through them, which tokenizes the next piece beside the encoding of this one, while the caller
// reads texts and writes the pieces that are done. At most kPieces are in memory, so the caller
// waits when it is ahead, and the encoder only when the caller is slower.
//
//   EncodingStream stream(model, TextKind::document, {}, [&](EncodedPiece& piece) {
//     write(piece.embeddings);
//   });
//   while (read(text)) stream.push(text);
//   stream.finish();
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/colbert/colbert.h"

namespace maxsimd {

/// Some texts, in the order they were pushed, and their embeddings.
struct EncodedPiece {
  size_t first = 0;                // number of its first text, counted from 0
  std::vector<std::string> texts;  // as given
  Embeddings embeddings;           // one item a text; vectors [rows, D]
};

struct EncodingStreamOptions {
  /// Its progress is called by push() and finish(), when all pieces that are done are handed out:
  /// texts encoded so far, and `total`.
  EncodeOptions encode;
  size_t total = 0;  // texts that will come, for progress; 0: not known
  // A piece ends with the text that makes it reach one of these. Larger pieces take more memory;
  // small ones leave threads idle at their ends.
  size_t piece_texts = 0;                 // 0: 512, or 32 a thread
  size_t piece_bytes = size_t{16} << 20;  // of texts, which may be long though few tokens count
  /// Estimated at one in 3 bytes, at most the model's length. 0: 65,536, or 4,096 a thread; vectors
  /// of 96 float32 then take 24 MiB a piece.
  size_t piece_tokens = 0;
};

/// Thread rule: one thread at a time, and not from inside a task of the model's pool. Others may
/// use the model meanwhile; they take turns with the stream, a piece at a time.
class EncodingStream {
 public:
  /// Pieces in memory at once: one is encoded, one tokenized, one filled or written by the caller.
  static constexpr size_t kPieces = 3;

  /// Called by push() and finish(), with one piece after another; may move its parts away. What it
  /// throws leaves them; the piece then counts as handed out.
  using PieceCallback = std::function<void(EncodedPiece& piece)>;

  /// `model` must outlive the stream. Throws std::invalid_argument as ColBERT::encode() does.
  EncodingStream(const ColBERT& model, TextKind kind, const EncodingStreamOptions& options,
                 PieceCallback on_piece);
  EncodingStream(const EncodingStream&) = delete;
  EncodingStream& operator=(const EncodingStream&) = delete;
  /// Gives up what is not handed out yet, within some tens of milliseconds.
  ~EncodingStream();

  /// Adds a text. Throws as ColBERT::encode(), which may be for an earlier text (a FormatError
  /// names it by its number); pieces done by then are handed out first, and every later call throws
  /// the same.
  void push(std::string text);

  /// Waits for all texts and hands out the pieces that are left; no push() may follow. Throws as
  /// push().
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace maxsimd
