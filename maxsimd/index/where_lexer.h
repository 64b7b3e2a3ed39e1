// The words of a condition (where.h has the grammar); private to this room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "maxsimd/index/where.h"

namespace maxsimd::detail {

struct WhereToken {
  enum class Kind { word, quoted_name, text, number, symbol, end };
  Kind kind = Kind::end;
  std::string_view source;  // as it stands in the condition
  size_t byte = 0;          // where it begins
  std::string value;        // of a quoted name or a text, without its quotes
  WhereLiteral number;      // int64_t or double

  bool is_symbol(std::string_view symbol) const { return kind == Kind::symbol && source == symbol; }
  /// An unquoted word, whatever its case. REQUIRES: keyword in upper case.
  bool is_keyword(std::string_view keyword) const;
  /// One of the grammar's own words.
  bool is_keyword() const;
};

/// Throws std::invalid_argument: the message, the byte, and the condition (of a long one the
/// surroundings). REQUIRES: text is UTF-8.
[[noreturn]] void fail_where(std::string_view text, size_t byte, const std::string& message);

/// `NAME` for a token in a message: the source, shortened, or "the end".
std::string describe(const WhereToken& token);

/// Reads token after token. Keeps a view of the text, which must be UTF-8.
class WhereLexer {
 public:
  explicit WhereLexer(std::string_view text) : text_(text) {}

  /// The next token; of kind end, again and again, when there is none. Throws
  /// std::invalid_argument.
  WhereToken next();

 private:
  WhereToken token(WhereToken::Kind kind, size_t size);
  WhereToken quoted(WhereToken::Kind kind);
  WhereToken number();
  WhereToken symbol();

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace maxsimd::detail
