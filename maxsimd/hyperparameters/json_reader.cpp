#include "maxsimd/hyperparameters/json_reader.h"

#include <cstdint>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

namespace maxsimd::detail {
namespace {

using Value = HyperparameterValue;

// The text, counting the lines that the parser has passed: its own events do not tell a place.
class LineCountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCountingIterator(const char* at, size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  LineCountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  LineCountingIterator operator++(int) {
    LineCountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const LineCountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const LineCountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  size_t* line_;
};

// Receives nlohmann's events.
class Handler {
 public:
  Handler(ConfigTree& tree, const size_t& line) : tree_(tree), line_(line) {}

  bool null() { return take(Value()); }
  bool boolean(bool value) { return take(Value(value)); }
  bool number_integer(int64_t value) { return take(Value(value)); }
  bool number_unsigned(uint64_t value) {
    constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (value > kMax) tree_.fail(line_, "a number too large: " + std::to_string(value));
    return take(Value(static_cast<int64_t>(value)));
  }
  bool number_float(double value, const std::string&) { return take(Value(value)); }
  bool string(std::string& value) { return take(Value(std::move(value))); }
  bool binary(std::vector<uint8_t>&) { return false; }  // no such thing in JSON
  bool key(std::string& name) { return take(Value(std::move(name))); }
  bool start_object(size_t) {
    tree_.begin_map(line_);
    return true;
  }
  bool start_array(size_t) {
    tree_.begin_list(line_);
    return true;
  }
  bool end_object() { return end(); }
  bool end_array() { return end(); }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) {
    tree_.fail(line_, "not valid JSON at byte " + std::to_string(position) + ": " +
                          readable(error.what()));
  }

 private:
  bool take(Value value) {
    tree_.scalar({.value = std::move(value)}, line_);
    return true;
  }
  bool end() {
    tree_.end();
    return true;
  }
  // "[json.exception.parse_error.101] parse error at line 1, column 2: what is wrong"
  static std::string readable(std::string_view message) {
    const size_t column = message.find(", column ");
    const std::string_view mark = column == message.npos ? "] " : ": ";
    const size_t start = message.find(mark, column == message.npos ? 0 : column);
    return printable(start == message.npos ? message : message.substr(start + 2));
  }

  ConfigTree& tree_;
  const size_t& line_;
};

}  // namespace

std::vector<ConfigEntry> json_entries(std::string_view text, const std::string& where) {
  ConfigTree tree(where);
  tree.check_text(text);
  size_t line = 1;
  Handler handler(tree, line);
  const LineCountingIterator begin(text.data(), &line);
  const LineCountingIterator end(text.data() + text.size(), &line);
  nlohmann::json::sax_parse(begin, end, &handler);
  return std::move(tree).entries();
}

}  // namespace maxsimd::detail
