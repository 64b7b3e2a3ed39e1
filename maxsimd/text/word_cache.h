// The tokens of words seen before, in a table of fixed size: a word takes the place of another that
// hashes to it. Whether a word is found changes the time only, never a result.
//
// Not thread-safe: each user has its own.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace maxsimd {

/// A token of a word and how many bytes of the word it covers.
struct WordToken {
  int32_t id = 0;
  uint32_t length = 0;
};

class WordCache {
 public:
  static constexpr size_t kMaxBytes = 31;  // of a word; longer ones are not kept
  static constexpr size_t kMaxTokens = 8;

  /// A word as it is looked up; it must not be empty nor longer than kMaxBytes.
  class Key {
   public:
    explicit Key(std::string_view word) noexcept {
      std::memcpy(parts_.data(), word.data(), word.size());
      parts_[3] |= static_cast<uint64_t>(word.size()) << 56;
    }
    bool operator==(const Key&) const = default;
    size_t hash() const noexcept {
      constexpr uint64_t kOdd = 0x9E3779B97F4A7C15U;
      uint64_t hash = (parts_[0] ^ (parts_[3] * kOdd)) * kOdd;
      hash = (hash ^ (hash >> 32) ^ parts_[1]) * kOdd;
      hash = (hash ^ (hash >> 32) ^ parts_[2]) * kOdd;
      return static_cast<size_t>(hash >> 40);
    }

   private:
    std::array<uint64_t, 4> parts_{};  // the word, zeros, and its length in the last byte
  };

  class Entry {
   public:
    size_t size() const { return size_; }
    WordToken operator[](size_t i) const { return {ids_[i], lengths_[i]}; }

   private:
    friend class WordCache;
    Key key_{std::string_view()};
    std::array<int32_t, kMaxTokens> ids_{};
    std::array<uint8_t, kMaxTokens> lengths_{};
    uint8_t size_ = 0;  // 0 = nothing is kept here
  };

  /// The tokens of a word, or nullptr.
  const Entry* find(const Key& key) const noexcept {
    const Entry& entry = entries_[key.hash() & kMask];
    return entry.size_ > 0 && entry.key_ == key ? &entry : nullptr;
  }
  /// Keeps the tokens of a word if they are few.
  void insert(const Key& key, const std::vector<WordToken>& tokens) noexcept {
    if (tokens.empty() || tokens.size() > kMaxTokens) return;
    Entry& entry = entries_[key.hash() & kMask];
    entry.key_ = key;
    entry.size_ = static_cast<uint8_t>(tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i) {
      entry.ids_[i] = tokens[i].id;
      entry.lengths_[i] = static_cast<uint8_t>(tokens[i].length);
    }
  }

 private:
  static constexpr size_t kEntries = size_t{1} << 14;  // 1.3 MB
  static constexpr size_t kMask = kEntries - 1;
  std::vector<Entry> entries_ = std::vector<Entry>(kEntries);
};

}  // namespace maxsimd
