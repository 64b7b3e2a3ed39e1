#include "maxsimd/index/where.h"

#include <optional>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/utf8.h"
#include "maxsimd/index/where_lexer.h"
#include "maxsimd/index/where_node.h"

namespace maxsimd {
namespace {

using detail::describe;
using detail::fail_where;
using detail::WhereLexer;
using detail::WhereToken;
using Kind = WhereToken::Kind;

std::string limit_message(const char* what, size_t limit, const char* unit) {
  return std::string(what) + " of more than " + std::to_string(limit) + " " + unit;
}

std::optional<WhereOperator> operator_of(const WhereToken& token) {
  if (token.is_symbol("=") || token.is_symbol("==")) return WhereOperator::equal;
  if (token.is_symbol("!=") || token.is_symbol("<>")) return WhereOperator::not_equal;
  if (token.is_symbol("<")) return WhereOperator::less;
  if (token.is_symbol("<=")) return WhereOperator::less_equal;
  if (token.is_symbol(">")) return WhereOperator::greater;
  if (token.is_symbol(">=")) return WhereOperator::greater_equal;
  return std::nullopt;
}

WhereNode negate_if(bool negated, WhereNode node) {
  if (!negated) return node;
  return {WhereNot{std::make_unique<WhereNode>(std::move(node))}};
}

// Recursive descent; current_ is the first token that is not used yet.
class WhereParser {
 public:
  explicit WhereParser(std::string_view text)
      : text_(text), lexer_(text), current_(lexer_.next()) {}

  WhereNode parse() {
    WhereNode node = any();
    if (current_.kind != Kind::end) fail_expected("AND, OR or the end");
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    fail_where(text_, current_.byte, message);
  }
  [[noreturn]] void fail_expected(const std::string& expected) const {
    fail("expected " + expected + ", got " + describe(current_));
  }

  WhereToken take() { return std::exchange(current_, lexer_.next()); }
  bool take_keyword(std::string_view keyword) {
    const bool found = current_.is_keyword(keyword);
    if (found) take();
    return found;
  }
  bool take_symbol(std::string_view symbol) {
    const bool found = current_.is_symbol(symbol);
    if (found) take();
    return found;
  }
  void expect_symbol(std::string_view symbol, const char* expected) {
    if (!take_symbol(symbol)) fail_expected(expected);
  }

  WhereNode any() {
    return group(WhereGroup::Kind::any, "OR", [&] { return all(); });
  }
  WhereNode all() {
    return group(WhereGroup::Kind::all, "AND", [&] { return unary(); });
  }

  template <class Operand>
  WhereNode group(WhereGroup::Kind kind, std::string_view keyword, const Operand& operand) {
    WhereNode first = operand();
    if (!current_.is_keyword(keyword)) return first;
    WhereGroup group{kind, {}};
    group.operands.push_back(std::move(first));
    while (take_keyword(keyword)) group.operands.push_back(operand());
    return {std::move(group)};
  }

  // A NOT or a bracket opens a level.
  WhereNode unary() {
    const bool is_not = current_.is_keyword("NOT");
    if (!is_not && !current_.is_symbol("(")) return term();
    if (++depth_ > kMaxWhereDepth) fail(limit_message("a nesting", kMaxWhereDepth, "levels"));
    take();
    WhereNode node = is_not ? negate_if(true, unary()) : any();
    if (!is_not) expect_symbol(")", "AND, OR or a closing )");
    --depth_;
    return node;
  }

  WhereNode term() {
    WhereField path = field();
    if (take_keyword("IS")) return is_null(std::move(path));
    if (const auto op = operator_of(current_)) {
      take();
      return {WhereComparison{std::move(path), *op, literal()}};
    }
    const bool negated = take_keyword("NOT");
    if (take_keyword("IN")) return negate_if(negated, {in_list(std::move(path))});
    if (take_keyword("LIKE")) return negate_if(negated, {like(std::move(path))});
    fail_expected(negated ? "IN or LIKE after NOT"
                          : "one of = != < <= > >= IN, LIKE, IS or . after a field");
  }

  WhereNode is_null(WhereField path) {
    count_term();
    const bool negated = take_keyword("NOT");
    if (!take_keyword("NULL")) fail_expected(negated ? "NULL" : "NULL or NOT NULL");
    return negate_if(negated, {WhereIsNull{std::move(path)}});
  }

  WhereIn in_list(WhereField path) {
    expect_symbol("(", "a list of values in brackets");
    WhereIn in{std::move(path), {}};
    do {
      in.literals.push_back(literal());
    } while (take_symbol(","));
    expect_symbol(")", "a comma or a closing )");
    return in;
  }

  WhereLike like(WhereField path) {
    count_term();
    if (current_.kind != Kind::text) fail_expected("a pattern in single quotes");
    if (current_.value.size() > kMaxWherePattern) {
      fail(limit_message("a pattern", kMaxWherePattern, "bytes"));
    }
    check_escapes(current_.value);
    return {std::move(path), take().value};
  }

  void check_escapes(std::string_view pattern) const {
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '\\') continue;
      if (++i == pattern.size() || std::string_view("%_\\").find(pattern[i]) == pattern.npos) {
        fail("a pattern with a lone backslash: expected \\%, \\_ or \\\\");
      }
    }
  }

  WhereField field() {
    if (current_.is_keyword()) {
      fail_expected("a field (one of this name is written in double quotes)");
    }
    WhereField path;
    do {
      if (path.size() == kMaxWherePath) fail(limit_message("a field", kMaxWherePath, "names"));
      path.push_back(name(path.empty() ? "a field, NOT or (" : "a name after the dot"));
    } while (take_symbol("."));
    return path;
  }

  std::string name(const char* expected) {
    if (current_.kind == Kind::word) return std::string(take().source);
    if (current_.kind == Kind::quoted_name) {
      if (current_.value.find('"') != std::string::npos) {
        fail("the name " + describe(current_) +
             " holds a double quote; such a key of the metadata "
             "cannot be asked for");
      }
      return take().value;
    }
    if (current_.kind == Kind::text) {
      fail_expected(std::string(expected) + " (names are written in double quotes)");
    }
    fail_expected(expected);
  }

  WhereLiteral literal() {
    count_term();
    if (take_keyword("TRUE")) return true;
    if (take_keyword("FALSE")) return false;
    if (current_.kind == Kind::text) return take().value;
    if (current_.kind == Kind::number) return take().number;
    if (current_.is_keyword("NULL")) {
      fail("NULL equals nothing; write IS NULL or IS NOT NULL");
    }
    fail_expected("a text in single quotes, a number, TRUE or FALSE");
  }

  void count_term() {
    if (++num_terms_ > kMaxWhereTerms) {
      fail(
          limit_message("a condition", kMaxWhereTerms, "comparisons, each value of an IN counted"));
    }
  }

  std::string_view text_;
  WhereLexer lexer_;
  WhereToken current_;
  size_t depth_ = 0;
  size_t num_terms_ = 0;
};

}  // namespace

Where::Where(std::unique_ptr<const WhereNode> root) : root_(std::move(root)) {}
Where::Where(Where&&) noexcept = default;
Where& Where::operator=(Where&&) noexcept = default;
Where::~Where() = default;

Where Where::parse(std::string_view text) {
  if (text.size() > kMaxWhereBytes) {
    throw std::invalid_argument("where: " + limit_message("a condition", kMaxWhereBytes, "bytes") +
                                ", it has " + std::to_string(text.size()));
  }
  if (const auto byte = find_invalid_utf8(text)) {
    throw std::invalid_argument("where: the condition is not UTF-8 at byte " +
                                std::to_string(*byte));
  }
  if (const size_t byte = text.find('\0'); byte != text.npos) {
    fail_where(text, byte, "a NUL character in the condition");
  }
  return Where(std::make_unique<const WhereNode>(WhereParser(text).parse()));
}

}  // namespace maxsimd
