// Random conditions, and every shape that the limits allow, through SQLite against the oracle.
#include <gtest/gtest.h>

#include <algorithm>

#include "maxsimd/index/where_random_testing.h"

namespace maxsimd {
namespace {

using where_testing::Condition;
using where_testing::Random;
using where_testing::RandomTable;

TEST(WhereSql, RandomComparisonsSayWhatAnEvaluatorOverJsonSays) {
  Random random(4);
  const RandomTable table(random, 200);
  for (int i = 0; i < 2000; ++i) {
    table.expect_same(random.comparison());
    if (HasFatalFailure()) return;
  }
}

TEST(WhereSql, RandomConditionsSayWhatAnEvaluatorOverJsonSays) {
  Random random(5);
  const RandomTable table(random, 60);
  for (int i = 0; i < 1500; ++i) {
    table.expect_same(random.condition(1 + random.below(5)));
    if (HasFatalFailure()) return;
  }
}

// --- Shapes at the limits: SQLite's parser stack (100) and depth of expressions (1000) ---

Condition chain(const std::string& op, std::vector<Condition> operands) {
  return {op, {}, {}, std::move(operands)};
}

std::vector<Condition> comparisons(Random& random, size_t count) {
  std::vector<Condition> result;
  for (size_t i = 0; i < count; ++i) {
    result.push_back(random.comparison());
    while (result.back().op == "IN") result.back() = random.comparison();
  }
  return result;
}

// A tree of `count` comparisons with `fan` operands a group, kinds alternating.
Condition bushy(Random& random, size_t count, size_t fan, bool is_and) {
  if (count == 1) return comparisons(random, 1)[0];
  std::vector<Condition> operands;
  const size_t num_operands = std::min(fan, count);
  for (size_t i = 0; i < num_operands; ++i) {
    const size_t share = count * (i + 1) / num_operands - count * i / num_operands;
    operands.push_back(bushy(random, share, fan, !is_and));
  }
  return chain(is_and ? "AND" : "OR", std::move(operands));
}

// Wraps a condition in `levels` groups, kinds alternating, each with one comparison before it;
// with_nots spends half of the levels on NOTs.
Condition nested(Random& random, Condition inner, size_t levels, bool with_nots) {
  for (size_t level = 0; level < levels; ++level) {
    if (with_nots && level % 2 == 0) {
      inner = chain("NOT", {std::move(inner)});
      continue;
    }
    std::vector<Condition> operands = comparisons(random, 2);
    operands[1] = std::move(inner);
    inner = chain(level / (with_nots ? 2 : 1) % 2 == 0 ? "AND" : "OR", std::move(operands));
  }
  return inner;
}

TEST(WhereSql, ThousandTermsInOneChainStayBelowSqlitesDepth) {
  Random random(6);
  const RandomTable table(random, 10);
  for (const char* op : {"AND", "OR"}) {
    for (const size_t count : std::initializer_list<size_t>{31, 32, 33, 64, 65, 999, 1000}) {
      table.expect_same(chain(op, comparisons(random, count)));
      Condition negated = chain(op, comparisons(random, count));
      table.expect_same(chain("NOT", {std::move(negated)}));
    }
  }
}

TEST(WhereSql, EveryShapeWithinTheLimitsFitsSqlitesParser) {
  Random random(7);
  const RandomTable table(random, 5);
  for (const size_t fan : std::initializer_list<size_t>{2, 3, 4, 7, 31, 33, 1000}) {
    for (const bool with_nots : {false, true}) {
      size_t height = 0;  // brackets of the bushy part, at most
      for (size_t reach = 1; reach < 960; reach *= fan) ++height;
      Condition inner = bushy(random, 960, fan, random.below(2) == 0);
      table.expect_same(nested(random, std::move(inner), kMaxWhereDepth - height, with_nots));
      if (HasFatalFailure()) return;
    }
  }
}

// Groups whose every operand is as heavy as the first, deep on the right: the dearest place.
Condition lopsided(Random& random, size_t levels, size_t count, bool is_and) {
  if (levels == 0 || count < 4) return chain("OR", comparisons(random, std::max<size_t>(2, count)));
  std::vector<Condition> operands;
  operands.push_back(chain(is_and ? "OR" : "AND", comparisons(random, count / 2)));
  operands.push_back(lopsided(random, levels - 1, count - count / 2, !is_and));
  return chain(is_and ? "AND" : "OR", std::move(operands));
}

TEST(WhereSql, HeavyOperandsOnTheRightFitSqlitesParser) {
  Random random(8);
  const RandomTable table(random, 5);
  for (const size_t count : std::initializer_list<size_t>{100, 500, 950}) {
    Condition inner = lopsided(random, 12, count, true);
    table.expect_same(nested(random, std::move(inner), kMaxWhereDepth - 13, false));
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace maxsimd
