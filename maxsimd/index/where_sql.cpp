// A condition in SQLite's words. Three limits of SQLite shape it: its parser keeps 100 symbols
// (YYSTACKDEPTH), an expression is at most 1000 deep, and values compare across types. So NOTs are
// moved to the comparisons, which leaves only alternating ANDs and ORs; the largest operand of each
// comes first, where its brackets cost one symbol each, while every other operand has at most half
// of the terms; long chains are split in two levels; and each comparison asks for the type first.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/where.h"
#include "maxsimd/index/where_node.h"

namespace maxsimd {
namespace {

constexpr size_t kChainLength = 32;
static_assert(kMaxWhereTerms <= kChainLength * kChainLength);

using Kind = WhereGroup::Kind;

// A condition whose NOTs stand only before comparisons.
struct Term {
  const WhereNode* comparison = nullptr;  // or a group
  bool negated = false;                   // of a comparison
  Kind kind = Kind::all;                  // of a group
  std::vector<Term> operands;             // none is a group of the same kind
  size_t num_comparisons = 1;
};

Term normalized(const WhereNode& node, bool negated);

Term normalized(const WhereGroup& group, bool negated) {
  Term term;
  term.kind = negated ? (group.kind == Kind::all ? Kind::any : Kind::all) : group.kind;
  term.num_comparisons = 0;
  for (const WhereNode& node : group.operands) {
    Term operand = normalized(node, negated);
    term.num_comparisons += operand.num_comparisons;
    if (operand.comparison == nullptr && operand.kind == term.kind) {
      std::ranges::move(operand.operands, std::back_inserter(term.operands));
    } else {
      term.operands.push_back(std::move(operand));
    }
  }
  std::ranges::stable_sort(term.operands, std::greater{}, &Term::num_comparisons);
  return term;
}

Term normalized(const WhereNode& node, bool negated) {
  if (const auto* inner = std::get_if<WhereNot>(&node.value)) {
    return normalized(*inner->operand, !negated);
  }
  if (const auto* group = std::get_if<WhereGroup>(&node.value)) return normalized(*group, negated);
  return {.comparison = &node, .negated = negated};
}

const char* operator_sql(WhereOperator op) {
  switch (op) {
    case WhereOperator::equal:
      return " = ";
    case WhereOperator::not_equal:
      return " <> ";
    case WhereOperator::less:
      return " < ";
    case WhereOperator::less_equal:
      return " <= ";
    case WhereOperator::greater:
      return " > ";
    case WhereOperator::greater_equal:
      return " >= ";
  }
  return "";
}

std::string bracketed(const std::string& sql) {
  return std::string("(").append(sql).append(")");
}

// SQLite's path of a field. A key is written as in JSON, with its escapes.
std::string json_path(const WhereField& field) {
  std::string path = "$";
  for (const std::string& key : field) path.append(".").append(nlohmann::json(key).dump());
  return path;
}

class SqlWriter {
 public:
  WhereSql write(const Where& where) {
    sql_.condition = group_or_comparison(normalized(where.root(), false), Kind::any);
    return std::move(sql_);
  }

 private:
  std::string parameter(WhereLiteral value) {
    sql_.parameters.push_back(std::move(value));
    return std::string("?").append(std::to_string(sql_.parameters.size()));
  }
  std::string path_parameter(const WhereField& field) {
    std::string path = json_path(field);
    const auto [known, is_new] = path_parameters_.try_emplace(path);
    if (is_new) known->second = parameter(std::move(path));
    return known->second;
  }

  // AND binds tighter than OR: only an OR inside an AND needs brackets.
  std::string group_or_comparison(const Term& term, Kind outer) {
    if (term.comparison != nullptr) {
      return std::visit(
          [&](const auto& node) {
            return std::string(term.negated ? "NOT " : "").append(comparison(node));
          },
          term.comparison->value);
    }
    std::string sql = chain(term.operands, term.kind);
    return term.kind == Kind::any && outer == Kind::all ? bracketed(sql) : sql;
  }

  std::string chain(std::span<const Term> terms, Kind kind) {
    const bool is_long = terms.size() > kChainLength;
    const size_t step = is_long ? kChainLength : 1;
    std::string sql;
    for (size_t first = 0; first < terms.size(); first += step) {
      if (first > 0) sql += kind == Kind::all ? " AND " : " OR ";
      if (is_long) {
        const size_t count = std::min(step, terms.size() - first);
        sql += bracketed(chain(terms.subspan(first, count), kind));
      } else {
        sql += group_or_comparison(terms[first], kind);
      }
    }
    return sql;
  }

  // What a comparison says of each type of value. An empty test is false, or `otherwise`.
  struct Tests {
    std::string text, number, boolean;
  };
  static std::string by_type(const std::string& path, const Tests& tests,
                             const char* otherwise = "0") {
    std::string sql =
        "CASE ifnull(json_type(metadata, " + path + "), 'null') WHEN 'null' THEN NULL";
    const auto add = [&](const char* type, const std::string& test) {
      if (!test.empty()) {
        sql += std::string(" WHEN '") + type + "' THEN json_extract(metadata, " + path + ")" + test;
      }
    };
    add("text", tests.text);
    add("integer", tests.number);
    add("real", tests.number);
    add("true", tests.boolean);
    add("false", tests.boolean);
    return sql + " ELSE " + otherwise + " END";
  }
  static std::string& test_for(Tests& tests, const WhereLiteral& literal) {
    if (std::holds_alternative<std::string>(literal)) return tests.text;
    return std::holds_alternative<bool>(literal) ? tests.boolean : tests.number;
  }

  std::string comparison(const WhereComparison& node) {
    const std::string path = path_parameter(node.field);
    Tests tests;
    test_for(tests, node.literal) = operator_sql(node.op) + parameter(node.literal);
    return by_type(path, tests, node.op == WhereOperator::not_equal ? "1" : "0");
  }

  std::string comparison(const WhereIn& node) {
    const std::string path = path_parameter(node.field);
    Tests tests;
    for (const WhereLiteral& literal : node.literals) {
      std::string& test = test_for(tests, literal);
      test += (test.empty() ? " IN (" : ", ") + parameter(literal);
    }
    for (std::string* test : {&tests.text, &tests.number, &tests.boolean}) {
      if (!test->empty()) *test += ")";
    }
    return by_type(path, tests);
  }

  std::string comparison(const WhereLike& node) {
    const std::string path = path_parameter(node.field);
    return by_type(path, {.text = " LIKE " + parameter(node.pattern) + " ESCAPE '\\'"});
  }

  std::string comparison(const WhereIsNull& node) {
    return "ifnull(json_type(metadata, " + path_parameter(node.field) + "), 'null') = 'null'";
  }

  // normalized() leaves none of these as a comparison.
  static std::string comparison(const WhereNot&) { return unreachable(); }
  static std::string comparison(const WhereGroup&) { return unreachable(); }
  static std::string unreachable() {
    MAXSIMD_ASSERT(false);
    return "";
  }

  WhereSql sql_;
  std::map<std::string, std::string> path_parameters_;  // by path
};

}  // namespace

WhereSql where_sql(const Where& where) {
  return SqlWriter().write(where);
}

std::string where_key(const WhereSql& where) {
  // JSON tells 1 from 1.0 and "1", and shows where a value ends.
  nlohmann::json parameters = nlohmann::json::array();
  for (const WhereLiteral& literal : where.parameters) {
    std::visit([&](const auto& value) { parameters.push_back(value); }, literal);
  }
  return std::string(where.condition).append(parameters.dump());
}

}  // namespace maxsimd
