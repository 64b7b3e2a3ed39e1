// A set of numbers below a size, one bit each, in 64-bit words (bit i of word i / 64). The bits
// past the end are 0. Thread rule: const methods may run concurrently.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "maxsimd/base/errors.h"

namespace maxsimd {

class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(size_t size, bool value = false)
      : size_(size), words_((size + 63) / 64, value ? ~uint64_t{0} : 0) {
    clear_past_end();
  }
  /// From words as they are stored. REQUIRES: words.size() = (size + 63) / 64.
  Bitmap(size_t size, std::vector<uint64_t> words) : size_(size), words_(std::move(words)) {
    MAXSIMD_ASSERT(words_.size() == (size + 63) / 64);
    clear_past_end();
  }

  size_t size() const { return size_; }
  bool contains(size_t number) const {
    MAXSIMD_ASSERT(number < size_);
    return (words_[number / 64] >> (number % 64) & 1) != 0;
  }
  void add(size_t number) {
    MAXSIMD_ASSERT(number < size_);
    words_[number / 64] |= uint64_t{1} << (number % 64);
  }
  /// Adds begin, ..., end - 1. REQUIRES: begin <= end <= size().
  void add_range(size_t begin, size_t end) {
    MAXSIMD_ASSERT(begin <= end && end <= size_);
    for (size_t at = begin; at < end;) {
      const size_t in_word = std::min(end - at, 64 - at % 64);
      words_[at / 64] |= ~uint64_t{0} >> (64 - in_word) << (at % 64);
      at += in_word;
    }
  }
  void remove(size_t number) {
    MAXSIMD_ASSERT(number < size_);
    words_[number / 64] &= ~(uint64_t{1} << (number % 64));
  }
  /// A bitmap of another size and nothing in it; memory that is there is used again.
  void clear(size_t size) {
    size_ = size;
    words_.assign((size + 63) / 64, 0);
  }
  void resize(size_t size) {
    size_ = size;
    words_.resize((size + 63) / 64);
    clear_past_end();
  }

  /// How many numbers are in it. O(size / 64).
  size_t count() const {
    size_t total = 0;
    for (const uint64_t word : words_) total += static_cast<size_t>(std::popcount(word));
    return total;
  }

  /// Keeps what is in both. REQUIRES: the same size.
  void intersect(const Bitmap& other) {
    MAXSIMD_ASSERT(size_ == other.size_);
    for (size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
  }

  /// Calls f(number) for each number in it, ascending.
  template <class F>
  void for_each(const F& f) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t word = words_[w]; word != 0; word &= word - 1) {
        f(w * 64 + static_cast<size_t>(std::countr_zero(word)));
      }
    }
  }

  std::span<const uint64_t> words() const { return words_; }

  bool operator==(const Bitmap&) const = default;

 private:
  void clear_past_end() {
    if (size_ % 64 != 0) words_.back() &= (uint64_t{1} << (size_ % 64)) - 1;
  }

  size_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace maxsimd
