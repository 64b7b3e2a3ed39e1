// Conditions on documents' metadata, in a small grammar of our own (docs/where.md is the page for
// users):
//
//   condition := condition OR condition | condition AND condition | NOT condition | ( condition )
//              | field op literal             op: = == != <> < <= > >=
//              | field [NOT] IN ( literal, ... )
//              | field [NOT] LIKE 'pattern'   % any characters, _ one, \% \_ \\ themselves; ASCII
//                                             letters without case
//              | field IS [NOT] NULL
//   field     := name { . name }              name: ASCII letters, digits, _ (not a digit first),
//                                             or any characters but " in double quotes
//   literal   := 'text' ('' is a quote) | number | TRUE | FALSE
//
// Keywords in any case (a field of that name is quoted); NOT binds tighter than AND, AND tighter
// than OR. A field that is absent or null makes a comparison unknown (SQL's three values): neither
// it nor its NOT selects the document; IS NULL asks for that. A value of another type (text against
// a number) is unequal, and neither less nor greater; LIKE of what is no text is false. A list or
// an object as a value is of another type than every literal. Texts compare by code points, FALSE
// is less than TRUE, and numbers compare exactly, whether integers or doubles.
//
// User text never becomes SQL: it is parsed to a tree, and the tree is compiled to terms with bound
// parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace maxsimd {

inline constexpr size_t kMaxWhereBytes = 65536;
inline constexpr size_t kMaxWhereTerms = 1000;  // comparisons, each literal of an IN counted
inline constexpr size_t kMaxWherePath = 16;     // names of a dotted field
// Nesting of brackets and NOTs. SQLite's parser keeps 100 symbols; where_sql needs one for each
// level and about three for each doubling of the number of terms.
inline constexpr size_t kMaxWhereDepth = 32;
// Bytes of a LIKE pattern: matching costs up to text times pattern.
inline constexpr size_t kMaxWherePattern = 1024;

/// Integers that int64 cannot hold are doubles; doubles are finite.
using WhereLiteral = std::variant<std::string, int64_t, double, bool>;

struct WhereNode;

/// A parsed condition. Immutable, safe from any thread.
class Where {
 public:
  /// Throws std::invalid_argument that shows the text and the byte (counted from 0) where it went
  /// wrong, says what was expected, and names the limit when one is hit. UTF-8 without NUL only.
  static Where parse(std::string_view text);

  Where(Where&&) noexcept;
  Where& operator=(Where&&) noexcept;
  ~Where();

  /// REQUIRES: not moved from.
  const WhereNode& root() const { return *root_; }

 private:
  explicit Where(std::unique_ptr<const WhereNode> root);
  std::unique_ptr<const WhereNode> root_;
};

/// The condition as SQL over a column `metadata`: only our own words, and ?1, ?2, ... for the
/// values, in order. It may stand after WHERE or, in brackets, inside a larger condition.
/// REQUIRES of the column: NULL, or an object as nlohmann-json's dump() writes it: SQLite 3.40
/// finds a key only when it is escaped in the same way, and of a repeated key the first (it also
/// takes a text only up to U+0000).
struct WhereSql {
  std::string condition;
  std::vector<WhereLiteral> parameters;  // at most 2 * kMaxWhereTerms
};
WhereSql where_sql(const Where& where);

/// The same for conditions of the same meaning and values, different for all others.
std::string where_key(const WhereSql& where);

}  // namespace maxsimd
