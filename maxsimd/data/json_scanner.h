// Walks the members of one JSON object (a line of a JSON lines file) without building a tree: the
// reader picks the few fields it knows, everything else is checked and passed over. The whole of
// RFC 8259 is enforced (also inside skipped values), with a depth limit.
//
// The text must be valid UTF-8 and must outlive the scanner and the members it gives out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace maxsimd {

enum class JsonKind { string, number, boolean, null, object, array };

struct JsonMember {
  std::string key;  // decoded
  JsonKind kind = JsonKind::null;
  std::string_view raw;  // the value as written; a string without its quotes, not decoded
};

class JsonObjectScanner {
 public:
  static constexpr size_t kMaxDepth = 64;

  explicit JsonObjectScanner(std::string_view text);

  /// Reads the next member. False at the end of the object or at the first error.
  bool next(JsonMember& member);

  /// What is wrong and at which byte of the text; empty when all was well so far.
  const std::string& error() const { return error_; }

 private:
  bool fail(const char* expected);
  void skip_space();
  bool at(char c) const { return position_ < text_.size() && text_[position_] == c; }
  bool consume(char c);
  bool scan_string(std::string_view& raw);
  bool scan_escape();
  bool scan_number();
  bool scan_digits();
  bool scan_word(std::string_view word);
  bool scan_value(JsonKind& kind, std::string_view& raw, size_t depth);
  bool scan_object(size_t depth);
  bool scan_array(size_t depth);

  std::string_view text_;
  size_t position_ = 0;
  bool first_ = true;
  bool done_ = false;
  std::string error_;
};

/// Appends the text of a JSON string whose raw form a scanner gave out. An escaped surrogate
/// without its partner (which is no character) becomes U+FFFD.
void append_json_string(std::string& out, std::string_view raw);

/// Whether a raw string contains an escaped surrogate without its partner.
bool has_lone_surrogate(std::string_view raw);

/// Rewrites such escapes to \ufffd in a raw JSON value, so that strict parsers accept it.
void repair_lone_surrogates(std::string& raw);

}  // namespace maxsimd
