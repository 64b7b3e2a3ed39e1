// Conditions on documents' metadata, in a small grammar of our own:
//
//   condition := condition OR condition | condition AND condition | NOT condition | ( condition )
//              | field op literal            op: = == != <> < <= > >=
//              | field [NOT] IN ( literal, ... )
//              | field [NOT] LIKE 'pattern'   % any characters, _ one; ASCII letters without case
//              | field IS [NOT] NULL
//   field     := name { . name }             name: letters, digits, _ (not a digit first), or
//   "quoted" literal   := 'text' ('' is a quote) | number | TRUE | FALSE
//
// Keywords in any case; NOT binds tighter than AND, AND tighter than OR. A field that is absent or
// null makes a comparison unknown (SQL's three values): neither it nor its NOT selects the
// document; IS NULL asks for that. A value of another type (text against a number) is unequal, and
// neither less nor greater. A list or an object as a value is of another type than every literal.
//
// User text never becomes SQL: it is parsed to a tree, and the tree is compiled to terms with bound
// parameters.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace maxsimd {

inline constexpr size_t kMaxWhereBytes = 65536;
inline constexpr size_t kMaxWhereDepth = 64;    // nesting of brackets and NOTs
inline constexpr size_t kMaxWhereTerms = 1000;  // comparisons, each literal of an IN counted
inline constexpr size_t kMaxWherePath = 16;     // names of a dotted field

using WhereLiteral = std::variant<std::string, int64_t, double, bool>;

struct WhereNode;

/// A parsed condition. Immutable, safe from any thread.
class Where {
 public:
  /// Throws std::invalid_argument that shows the text and the byte where it went wrong, says what
  /// was expected, and names the limit when one is hit.
  static Where parse(std::string_view text);

  Where(Where&&) noexcept;
  Where& operator=(Where&&) noexcept;
  ~Where();

  const WhereNode& root() const { return *root_; }

 private:
  explicit Where(std::unique_ptr<const WhereNode> root);
  std::unique_ptr<const WhereNode> root_;
};

/// The condition as SQL over a column `metadata` (JSON text or NULL): only our own words, and ?1,
/// ?2, ... for the values, in order.
struct WhereSql {
  std::string condition;
  std::vector<WhereLiteral> parameters;
};
WhereSql where_sql(const Where& where);

}  // namespace maxsimd
