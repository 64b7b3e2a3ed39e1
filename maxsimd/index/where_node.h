// The tree of a parsed condition; private to this room.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "maxsimd/index/where.h"

namespace maxsimd {

/// Keys from the root of the metadata, at least one; none holds a double quote.
using WhereField = std::vector<std::string>;

enum class WhereOperator { equal, not_equal, less, less_equal, greater, greater_equal };

struct WhereComparison {
  WhereField field;
  WhereOperator op = WhereOperator::equal;
  WhereLiteral literal;
};

struct WhereIn {
  WhereField field;
  std::vector<WhereLiteral> literals;  // at least one
};

struct WhereLike {
  WhereField field;
  std::string pattern;  // each backslash stands before %, _ or a backslash
};

struct WhereIsNull {
  WhereField field;
};

struct WhereNot {
  std::unique_ptr<WhereNode> operand;
};

/// AND (all) or OR (any) of at least two conditions.
struct WhereGroup {
  enum class Kind { all, any };
  Kind kind = Kind::all;
  std::vector<WhereNode> operands;
};

struct WhereNode {
  std::variant<WhereComparison, WhereIn, WhereLike, WhereIsNull, WhereNot, WhereGroup> value;
};

}  // namespace maxsimd
