#include "maxsimd/colbert/encoding_stream.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "maxsimd/colbert/text_rules.h"
#include "maxsimd/colbert/window_encoder.h"

namespace maxsimd {
namespace {

using PiecePtr = std::unique_ptr<EncodedPiece>;
using Lock = std::unique_lock<std::mutex>;

/// Ends the encoding of a piece nobody wants any more; never leaves this file.
struct GivenUp {};

/// About how many tokens a text makes, known before it is tokenized. English has 4 to 5 bytes a
/// token, Chinese 3; numbers and code may have fewer, their pieces are larger then.
class TokenEstimate {
 public:
  TokenEstimate(const TextRules& rules, TextKind kind, const EncodeOptions& options) {
    const ColbertSettings& settings = rules.settings();
    const bool is_query = kind == TextKind::query;
    longest_ = is_query ? settings.query_length : settings.document_length;
    constexpr size_t kSpecialTokens = 3;  // [CLS] prefix [SEP]
    added_ = kSpecialTokens + chosen_prompt(settings, kind, options).size() / kBytesPerToken;
    if (is_query && settings.do_query_expansion) {
      added_ = std::max(added_, settings.multi_vector.expansion_length.value_or(longest_));
    }
  }

  size_t operator()(const std::string& text) const {
    return std::min(added_ + text.size() / kBytesPerToken, longest_);
  }

 private:
  static constexpr size_t kBytesPerToken = 3;
  size_t longest_ = 0;
  size_t added_ = 0;
};

// Enough chunks (batching.h) for each thread: at the end of a piece of texts of 20 to 300 tokens
// they are idle for 0.1 % of its time if 2, 2 % if 16 to 64 (plan_chunks() on random lengths).
EncodingStreamOptions with_sizes(EncodingStreamOptions options, size_t num_threads) {
  constexpr size_t kTexts = 512, kTextsPerThread = 32;
  constexpr size_t kTokens = size_t{1} << 16, kTokensPerThread = size_t{1} << 12;
  if (options.piece_texts == 0) {
    options.piece_texts = std::max(kTexts, kTextsPerThread * num_threads);
  }
  if (options.piece_tokens == 0) {
    options.piece_tokens = std::max(kTokens, kTokensPerThread * num_threads);
  }
  return options;
}

PiecePtr pop_front(std::deque<PiecePtr>& pieces) {
  PiecePtr piece = std::move(pieces.front());
  pieces.pop_front();
  return piece;
}

}  // namespace

// A piece goes round: empty_ -> open_ (filled by the caller) -> queued_ -> the encoding thread ->
// finished_ -> handed_ (the caller's callback has it) -> empty_.
class EncodingStream::Impl {
 public:
  Impl(const EncodingParts& parts, TextKind kind, const EncodingStreamOptions& options,
       PieceCallback on_piece)
      : options_(with_sizes(options, parts.pool.num_threads())),
        on_piece_(std::move(on_piece)),
        estimate_(parts.rules, kind, options.encode),
        encoder_(parts, kind, options.encode, [this](size_t done) { note_encoded(done); }) {
    for (size_t i = 0; i < kPieces; ++i) empty_.push_back(std::make_unique<EncodedPiece>());
    thread_ = std::thread([this] { encode_pieces(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    {
      const Lock lock(mutex_);
      given_up_ = true;
    }
    thread_wakes_.notify_one();
    thread_.join();
  }

  void push(std::string text) {
    if (!open_) open_ = take_empty_piece();
    open_bytes_ += text.size();
    open_tokens_ += estimate_(text);
    open_->texts.push_back(std::move(text));
    if (open_->texts.size() >= options_.piece_texts || open_bytes_ >= options_.piece_bytes ||
        open_tokens_ >= options_.piece_tokens) {
      queue_open_piece();
    }
  }

  void finish() {
    if (open_) queue_open_piece();
    Lock lock(mutex_);
    all_pushed_ = true;
    thread_wakes_.notify_one();
    while (true) {
      hand_out_finished(lock);
      if (error_) std::rethrow_exception(error_);
      if (empty_.size() == kPieces) return;
      wait_for_thread(lock);
    }
  }

 private:
  // The caller's side.

  void queue_open_piece() {
    open_->first = num_queued_texts_;
    num_queued_texts_ += open_->texts.size();
    open_bytes_ = 0;
    open_tokens_ = 0;
    {
      const Lock lock(mutex_);
      queued_.push_back(std::move(open_));
    }
    thread_wakes_.notify_one();
  }

  PiecePtr take_empty_piece() {
    Lock lock(mutex_);
    while (true) {
      hand_out_finished(lock);
      if (error_) std::rethrow_exception(error_);
      if (!empty_.empty()) return pop_front(empty_);
      wait_for_thread(lock);
    }
  }

  void hand_out_finished(Lock& lock) {
    recycle_handed();  // one whose callback threw
    while (!finished_.empty()) {
      handed_ = pop_front(finished_);
      lock.unlock();
      on_piece_(*handed_);
      lock.lock();
      recycle_handed();
    }
    tell_progress(lock);
  }

  // The memory of vectors goes to the next piece that is encoded: pages are asked of the system
  // once, and the pieces that are not encoded yet need none.
  void recycle_handed() {
    if (!handed_) return;
    handed_->texts.clear();
    spare_ = std::move(handed_->embeddings.values);
    spare_.clear();
    handed_->embeddings = {};
    empty_.push_back(std::move(handed_));
  }

  void tell_progress(Lock& lock) {
    if (!options_.encode.progress || num_told_ == num_encoded_) return;
    num_told_ = num_encoded_;
    lock.unlock();
    options_.encode.progress(num_told_, options_.total);
    lock.lock();
  }

  void wait_for_thread(Lock& lock) {
    caller_wakes_.wait(lock, [this] {
      return !finished_.empty() || error_ ||
             (options_.encode.progress && num_told_ != num_encoded_);
    });
  }

  // The encoding thread's side.

  void encode_pieces() noexcept {
    try {
      std::vector<TokenizedText> tokenized;  // of the piece that is next, if it was there in time
      bool is_tokenized = false;
      while (PiecePtr piece = take_queued_piece()) {
        if (!is_tokenized) tokenized = encoder_.encode({}, piece->embeddings, piece->texts);
        const EncodedPiece* next = next_queued_piece();
        tokenized = encoder_.encode(tokenized, piece->embeddings,
                                    next == nullptr ? std::span<const std::string>() : next->texts);
        is_tokenized = next != nullptr;
        const Lock lock(mutex_);
        finished_.push_back(std::move(piece));
        caller_wakes_.notify_one();
      }
    } catch (const GivenUp&) {
    } catch (...) {
      const Lock lock(mutex_);
      error_ = std::current_exception();
      caller_wakes_.notify_one();
    }
  }

  // Null when there is nothing more to do.
  PiecePtr take_queued_piece() {
    Lock lock(mutex_);
    thread_wakes_.wait(lock, [this] { return given_up_ || all_pushed_ || !queued_.empty(); });
    if (given_up_ || queued_.empty()) return nullptr;
    PiecePtr piece = pop_front(queued_);
    piece->embeddings.values = std::exchange(spare_, {});
    return piece;
  }

  // Stays where it is; only this thread takes it away.
  const EncodedPiece* next_queued_piece() {
    const Lock lock(mutex_);
    return queued_.empty() ? nullptr : queued_.front().get();
  }

  // Called after each chunk, by any thread of the pool.
  void note_encoded(size_t texts) {
    const Lock lock(mutex_);
    if (given_up_) throw GivenUp();
    num_encoded_ = texts;
    if (options_.encode.progress) caller_wakes_.notify_one();
  }

  const EncodingStreamOptions options_;
  const PieceCallback on_piece_;
  const TokenEstimate estimate_;
  WindowEncoder encoder_;  // the encoding thread's

  // The caller's.
  PiecePtr open_;
  size_t open_bytes_ = 0;
  size_t open_tokens_ = 0;
  size_t num_queued_texts_ = 0;
  PiecePtr handed_;
  size_t num_told_ = 0;

  std::mutex mutex_;  // guards the fields down to error_
  std::condition_variable thread_wakes_;
  std::condition_variable caller_wakes_;
  std::deque<PiecePtr> empty_;
  std::deque<PiecePtr> queued_;
  std::deque<PiecePtr> finished_;
  std::vector<float> spare_;
  size_t num_encoded_ = 0;
  bool all_pushed_ = false;
  bool given_up_ = false;
  std::exception_ptr error_;

  std::thread thread_;
};

EncodingStream::EncodingStream(const ColBERT& model, TextKind kind,
                               const EncodingStreamOptions& options, PieceCallback on_piece)
    : impl_(std::make_unique<Impl>(model.parts(), kind, options, std::move(on_piece))) {}

EncodingStream::~EncodingStream() = default;

void EncodingStream::push(std::string text) {
  impl_->push(std::move(text));
}

void EncodingStream::finish() {
  impl_->finish();
}

}  // namespace maxsimd
