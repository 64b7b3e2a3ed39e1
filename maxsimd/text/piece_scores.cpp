#include "maxsimd/text/piece_scores.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace maxsimd {
namespace {

constexpr int kMaxPower = 308;  // of ten, in a double

double power_of_ten(int exponent) {
  const std::string text = "1e" + std::to_string(exponent);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits that fit into 64 bits; those of the integer part that do not only count.
struct Significand {
  uint64_t digits = 0;
  int exponent = 0;
  bool is_full = false;

  void append(char c, bool is_fraction) {
    const auto digit = static_cast<uint64_t>(c - '0');
    constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
    is_full = is_full || digits > (kMax - digit) / 10;
    if (!is_full) {
      digits = digits * 10 + digit;
      exponent -= is_fraction ? 1 : 0;
    } else if (!is_fraction) {
      ++exponent;
    }
  }
};

// Counts nesting and keys on the way to model.vocab, and takes the numbers two arrays deep there.
class ScoreReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<double> scores;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t value) override { return put(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(static_cast<double>(value)); }
  bool number_float(number_float_t, const string_t& text) override {
    return !is_score() || put(number_like_serde(text));
  }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override {
    ++depth_;
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(size_t) override {
    ++depth_;
    if (depth_ == 3 && in_model_ && in_vocab_) scores.clear();  // of two the last counts
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) in_model_ = name == "model";
    if (depth_ == 2) in_vocab_ = name == "vocab";
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool is_score() const { return depth_ == 4 && in_model_ && in_vocab_; }
  bool put(double score) {
    if (is_score()) scores.push_back(score);
    return true;
  }

  size_t depth_ = 0;
  bool in_model_ = false;
  bool in_vocab_ = false;
};

}  // namespace

double number_like_serde(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  Significand significand;
  size_t i = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) significand.append(text[i], false);
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i) significand.append(text[i], true);
  }
  int exponent = 0;
  if (i < text.size()) {  // an e
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    const auto read = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (read.ec == std::errc::result_out_of_range) exponent = text[i] == '-' ? -100'000 : 100'000;
  }
  exponent += significand.exponent;
  auto value = static_cast<double>(significand.digits);
  for (; exponent < -kMaxPower && value != 0; exponent += kMaxPower) {
    value /= power_of_ten(kMaxPower);
  }
  if (exponent >= 0) {
    value *= power_of_ten(std::min(exponent, kMaxPower));
  } else if (value != 0) {
    value /= power_of_ten(-exponent);
  }
  return is_negative ? -value : value;
}

std::vector<double> read_piece_scores(std::string_view json) {
  ScoreReader reader;
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return std::move(reader.scores);
}

}  // namespace maxsimd
