// Questions with their positives, and the documents that negatives are sought among: what may not
// be a negative of a question. Documents and questions are told apart by their texts, without white
// space at the ends; within, runs of ASCII white space count as one space.
//
// Texts are not kept, but a hash of 64 bits of each: that two of ten million texts share one
// happens once in 400,000 such corpora, and costs a negative.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace maxsimd {

/// Thread rule: const methods may run concurrently; the others need outside synchronisation.
class MiningPairs {
 public:
  /// A number given to a document or pair, and whether this call made it.
  struct Added {
    uint64_t number = 0;
    bool is_new = false;
  };

  /// A document that may be a negative. `short_text` is another form it is known by: its text
  /// without its title. A text that is there already is not added again. Throws
  /// std::invalid_argument after the first pair.
  Added add_document(std::string_view text, std::string_view short_text = {});

  /// A question and its positive, which is the document with this text, else one with this short
  /// text, else a new document that is a negative of other questions only if `positive_may_be_one`.
  /// `also` are documents known to be positives, by number; the first of them is the positive then.
  /// Returns the positive's number. Throws std::invalid_argument for a number that is no
  /// document's.
  Added add_pair(std::string_view question, std::string_view positive, bool positive_may_be_one,
                 std::span<const uint64_t> also = {});

  uint64_t num_documents() const { return documents_.size(); }
  uint64_t num_pairs() const { return pairs_.size(); }

  /// Pairs whose positive is a document by its short text, not by its text.
  uint64_t num_short_positives() const { return num_short_positives_; }

  /// Whether a document may be a negative of any question.
  bool is_candidate(uint64_t document) const { return documents_[document].is_candidate; }
  bool all_are_candidates() const { return num_hidden_ == 0; }

  uint64_t positive(uint64_t pair) const { return pairs_[pair].positive; }

  /// Whether a document is the text of the pair's question, of a positive of any pair with the same
  /// question, or one of their `also`.
  bool is_excluded(uint64_t pair, uint64_t document) const;

  /// As many documents as is_excluded() holds for, at most.
  size_t num_excluded(uint64_t pair) const;

 private:
  using Hash = uint64_t;

  struct Document {
    Hash text = 0;
    Hash short_text = 0;  // that of the text when there is no other
    bool is_candidate = true;
  };
  struct Pair {
    uint32_t question = 0;  // in excluded_
    uint64_t positive = 0;
  };
  struct ShortText {
    uint64_t first = 0;  // document
    uint32_t count = 0;  // documents
  };

  uint64_t new_document(const Document& document);
  std::optional<uint64_t> find(Hash text) const;
  std::vector<Hash>& excluded_by(std::string_view question);

  std::vector<Document> documents_;
  std::vector<Pair> pairs_;
  std::unordered_map<Hash, uint64_t> by_text_;
  std::unordered_map<Hash, ShortText> by_short_text_;  // those that are no texts of theirs
  std::unordered_map<Hash, uint32_t> questions_;
  std::vector<std::vector<Hash>> excluded_;  // [questions] sorted
  uint64_t num_short_positives_ = 0;
  uint64_t num_hidden_ = 0;  // documents that are no candidates
};

}  // namespace maxsimd
