// Conditions through SQLite against an evaluator of our own over nlohmann-json: random documents,
// random conditions, all three truth values of every row.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "maxsimd/base/utf8.h"
#include "maxsimd/index/where.h"
#include "maxsimd/index/where_testing.h"

namespace maxsimd {
namespace {

using nlohmann::json;
using where_testing::MetadataTable;
using where_testing::Verdict;
using Field = std::vector<std::string>;

std::vector<Verdict> verdicts(const MetadataTable& table, const std::string& condition) {
  return table.verdicts(where_sql(Where::parse(condition)));
}

// --- A condition of the test's own, its text and its meaning ---

struct Condition {
  std::string op;  // = != < <= > >= IN LIKE NULL, or NOT AND OR over operands
  Field field;
  std::vector<json> literals;
  std::vector<Condition> operands;
};

std::string quoted(const std::string& text, char quote) {
  std::string result(1, quote);
  for (const char c : text) result.append(c == quote ? 2 : 1, c);
  return result + quote;
}

std::string text_of(const json& literal) {
  return literal.is_string() ? quoted(literal.get<std::string>(), '\'') : literal.dump();
}

std::string text_of(const Field& field) {
  std::string text;
  for (const std::string& name : field)
    text += std::string(text.empty() ? "" : ".") + quoted(name, '"');
  return text;
}

std::string text_of(const Condition& condition) {
  const std::string& op = condition.op;
  if (op == "NOT") return std::string("NOT (") + text_of(condition.operands[0]) + ")";
  if (op == "AND" || op == "OR") {
    std::string text;
    for (const Condition& operand : condition.operands) {
      const bool is_group = operand.op == "AND" || operand.op == "OR";
      const std::string inner = text_of(operand);
      text += (text.empty() ? "" : std::string(" ") + op + " ") +
              (is_group ? std::string("(") + inner + ")" : inner);
    }
    return text;
  }
  if (op == "NULL") return text_of(condition.field) + " IS NULL";
  if (op != "IN") return text_of(condition.field) + " " + op + " " + text_of(condition.literals[0]);
  std::string list;
  for (const json& literal : condition.literals)
    list += std::string(list.empty() ? "" : ", ") + text_of(literal);
  return text_of(condition.field) + " IN (" + list + ")";
}

const json* find(const json* value, const Field& field) {
  for (const std::string& name : field) {
    if (!value->is_object() || !value->contains(name)) return nullptr;
    value = &(*value)[name];
  }
  return value->is_null() ? nullptr : value;
}

// Exact for every int64 and double: a long double holds 64 bits here. SQLite takes larger integers
// as doubles.
long double number_of(const json& value) {
  static_assert(std::numeric_limits<long double>::digits >= 64);
  if (value.is_number_float()) return value.get<double>();
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return static_cast<double>(value.get<uint64_t>());
  }
  return value.get<int64_t>();
}

// -1, 0, 1; nothing for values of different types.
std::optional<int> compared(const json& a, const json& b) {
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (a.is_number() && b.is_number()) return order(number_of(a), number_of(b));
  if (a.is_boolean() && b.is_boolean()) return order(a.get<bool>(), b.get<bool>());
  if (!a.is_string() || !b.is_string()) return std::nullopt;
  return order(a.get<std::string>().compare(b.get<std::string>()), 0);
}

std::vector<char32_t> code_points(const std::string& text) {
  std::vector<char32_t> points;
  for (size_t i = 0; i < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, i);
    points.push_back(decoded.code_point);
    i += decoded.length;
  }
  return points;
}

bool is_like(const json& value, const std::string& pattern) {
  if (!value.is_string()) return false;
  const auto lower = [](char32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  const auto text = code_points(value.get<std::string>());
  const auto wanted = code_points(pattern);
  std::vector<bool> ends(text.size() + 1);  // whether the pattern so far matches text[0, i)
  ends[0] = true;
  for (size_t p = 0; p < wanted.size(); ++p) {
    std::vector<bool> next(text.size() + 1);
    const bool is_escaped = wanted[p] == '\\';
    const char32_t c = is_escaped ? wanted[++p] : wanted[p];
    if (!is_escaped && c == '%') next[0] = ends[0];
    for (size_t i = 0; i < text.size(); ++i) {
      if (!is_escaped && c == '%') {
        next[i + 1] = next[i] || ends[i + 1];
      } else {
        next[i + 1] = ends[i] && ((!is_escaped && c == '_') || lower(c) == lower(text[i]));
      }
    }
    ends = std::move(next);
  }
  return ends.back();
}

bool holds(const std::string& op, std::optional<int> order) {
  if (op == "=") return order == 0;
  if (op == "!=") return order != 0;
  if (!order) return false;
  if (op == "<") return *order < 0;
  if (op == "<=") return *order <= 0;
  return op == ">" ? *order > 0 : *order >= 0;
}

Verdict evaluated(const Condition& condition, const json& document) {
  const std::string& op = condition.op;
  if (op == "NOT") {
    const Verdict inner = evaluated(condition.operands[0], document);
    return inner ? Verdict(!*inner) : Verdict();
  }
  if (op == "AND" || op == "OR") {
    const bool decisive = op == "OR";
    Verdict verdict = !decisive;
    for (const Condition& operand : condition.operands) {
      const Verdict inner = evaluated(operand, document);
      if (inner == decisive) return decisive;
      if (!inner) verdict = std::nullopt;
    }
    return verdict;
  }
  const json* value = find(&document, condition.field);
  if (op == "NULL") return value == nullptr;
  if (value == nullptr) return std::nullopt;
  if (op == "LIKE") return is_like(*value, condition.literals[0].get<std::string>());
  if (op != "IN") return holds(op, compared(*value, condition.literals[0]));
  return std::ranges::any_of(condition.literals,
                             [&](const json& literal) { return compared(*value, literal) == 0; });
}

// --- Random ones ---

const std::vector<json>& scalars() {
  static const std::vector<json> values = {0,
                                           1,
                                           -1,
                                           5,
                                           7,
                                           9007199254740992,
                                           9007199254740993,
                                           -9007199254740993,
                                           std::numeric_limits<int64_t>::max(),
                                           std::numeric_limits<int64_t>::min(),
                                           std::numeric_limits<uint64_t>::max(),
                                           9223372036854775808U,
                                           0.5,
                                           -0.5,
                                           -0.0,
                                           1.0,
                                           0.1,
                                           5.25,
                                           9007199254740992.0,
                                           9223372036854775808.0,
                                           1e300,
                                           -1e300,
                                           5e-324,
                                           true,
                                           false,
                                           "",
                                           "a",
                                           "A",
                                           "b",
                                           "ab",
                                           "aXb",
                                           "a%b",
                                           "a_b",
                                           "a\\b",
                                           "it's",
                                           "5",
                                           "0.5",
                                           "true",
                                           "null",
                                           "\"",
                                           "a\nb",
                                           "\xC3\xA4",
                                           "\xC3\x84",
                                           "a\xF0\x9F\x98\x80"
                                           "b",
                                           "\xEF\xBF\xBF",
                                           "[1]",
                                           "?1"};
  return values;
}

const std::vector<Field>& fields() {
  static const std::vector<Field> values = {{"a"},
                                            {"A"},
                                            {"b"},
                                            {"n", "x"},
                                            {"n", "m", "y"},
                                            {"a.b"},
                                            {""},
                                            {"0"},
                                            {"[0]"},
                                            {"n", ""},
                                            {"gr\xC3\xB6\xC3\x9F"
                                             "e"},
                                            {"back\\slash"},
                                            {"end\\"},
                                            {"tab\t\x01\x7F"},
                                            {"sl/ash"},
                                            {"it's"},
                                            {"$"},
                                            {"select"},
                                            {"a", "b"},
                                            {"\xF0\x9F\x98\x80"}};
  return values;
}

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  size_t below(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(engine_);
  }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

  json value() {
    const size_t kind = below(20);
    if (kind == 0) return nullptr;
    if (kind == 1) return json::array({one_of(scalars())});
    if (kind == 2) return json::object({{"b", one_of(scalars())}});
    return one_of(scalars());
  }

  json document() {
    json document = json::object();
    for (const Field& field : fields()) {
      if (below(3) == 0) continue;
      json* place = &document;
      for (const std::string& name : field) {
        if (!place->is_object()) *place = json::object();
        place = &(*place)[name];
      }
      *place = value();
    }
    return document;
  }

  Condition comparison() {
    static const std::vector<std::string> ops = {"=",  "!=", "<",    "<=",  ">",
                                                 ">=", "IN", "LIKE", "NULL"};
    Condition condition{one_of(ops), one_of(fields()), {}, {}};
    const size_t count = condition.op == "IN" ? 1 + below(5) : 1;
    for (size_t i = 0; i < count; ++i) condition.literals.push_back(one_of(scalars()));
    if (condition.op == "LIKE") condition.literals = {pattern()};
    return condition;
  }

  Condition condition(size_t depth) {
    const size_t kind = depth == 0 ? 3 : below(5);
    if (kind >= 3) return comparison();
    Condition group{kind == 0 ? "NOT" : (kind == 1 ? "AND" : "OR"), {}, {}, {}};
    const size_t count = kind == 0 ? 1 : 2 + below(3);
    for (size_t i = 0; i < count; ++i) group.operands.push_back(condition(depth - 1));
    return group;
  }

 private:
  std::string pattern() {
    static const std::vector<std::string> parts = {
        "%", "_", "a", "B", "\\%", "\\_", "\\\\", "\xC3\xA4", "\xF0\x9F\x98\x80", "'", "5"};
    std::string pattern;
    for (size_t i = below(5); i > 0; --i) pattern += one_of(parts);
    return pattern;
  }

  std::mt19937_64 engine_;
};

class RandomTable {
 public:
  RandomTable(Random& random, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      documents_.push_back(random.document());
      table_.add(documents_.back().dump());
    }
    documents_.push_back(json::object());
    table_.add(std::nullopt);  // no metadata at all
    documents_.push_back(json::object());
    table_.add("{}");
  }

  void expect_same(const Condition& condition) const {
    const std::string text = text_of(condition);
    SCOPED_TRACE(text.substr(0, 2000));
    const WhereSql sql = where_sql(Where::parse(text));
    const std::vector<Verdict> found = table_.verdicts(sql);
    ASSERT_EQ(found.size(), documents_.size());
    std::vector<size_t> selected;
    for (size_t row = 0; row < found.size(); ++row) {
      const Verdict expected = evaluated(condition, documents_[row]);
      ASSERT_EQ(found[row], expected) << documents_[row].dump();
      if (expected == true) selected.push_back(row);
    }
    ASSERT_EQ(table_.rows(sql), selected);
  }

 private:
  std::vector<json> documents_;
  MetadataTable table_;
};

TEST(WhereSql, EveryOperatorOnEveryPairOfValuesSaysWhatAnEvaluatorOverJsonSays) {
  std::vector<json> values = scalars();
  values.insert(values.end(), {nullptr, json::array(), json::array({1}), json::object()});
  MetadataTable table;
  for (const json& value : values) table.add(json({{"a", value}}).dump());
  for (const char* op : {"=", "!=", "<", "<=", ">", ">=", "IN"}) {
    for (const json& literal : scalars()) {
      const Condition condition{op, {"a"}, {literal}, {}};
      const auto found = verdicts(table, text_of(condition));
      for (size_t row = 0; row < values.size(); ++row) {
        EXPECT_EQ(found[row], evaluated(condition, json({{"a", values[row]}})))
            << text_of(condition) << " of " << values[row];
      }
    }
  }
}

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
    for (const size_t count : {31, 32, 33, 64, 65, 999, 1000}) {
      table.expect_same(chain(op, comparisons(random, count)));
      Condition negated = chain(op, comparisons(random, count));
      table.expect_same(chain("NOT", {std::move(negated)}));
    }
  }
}

TEST(WhereSql, EveryShapeWithinTheLimitsFitsSqlitesParser) {
  Random random(7);
  const RandomTable table(random, 5);
  for (const size_t fan : {2, 3, 4, 7, 31, 33, 1000}) {
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
  for (const size_t count : {100, 500, 950}) {
    Condition inner = lopsided(random, 12, count, true);
    table.expect_same(nested(random, std::move(inner), kMaxWhereDepth - 13, false));
    if (HasFatalFailure()) return;
  }
}

TEST(WhereSql, ThousandValuesOfAnInList) {
  MetadataTable table;
  table.add(R"({"a":999})");
  table.add(R"({"a":1000})");
  table.add(R"({"a":"999"})");
  table.add("{}");
  std::string list = "0";
  for (int i = 1; i < 1000; ++i) list += ", " + std::to_string(i);
  const std::vector<Verdict> expected = {true, false, false, std::nullopt};
  EXPECT_EQ(verdicts(table, "a IN (" + list + ")"), expected);
}

// --- Single claims ---

TEST(WhereSql, IntegersPast2To53KeepTheirLastBit) {
  MetadataTable table;
  table.add(R"({"a":9007199254740993})");
  EXPECT_EQ(verdicts(table, "a = 9007199254740993").at(0), true);
  EXPECT_EQ(verdicts(table, "a = 9007199254740992").at(0), false);
  EXPECT_EQ(verdicts(table, "a = 9007199254740992.0").at(0), false);
  EXPECT_EQ(verdicts(table, "a > 9007199254740992.0").at(0), true);
  EXPECT_EQ(verdicts(table, "a IN (9007199254740992, 9007199254740992.0)").at(0), false);
}

TEST(WhereSql, DecimalsAsStoredEqualTheSameDecimalsAsAsked) {
  MetadataTable table;
  std::string all;
  for (int i = 0; i < 900; ++i) {
    const std::string text = json(i * 0.01 + 1e-3 * (i % 7)).dump();
    table.add(std::string("{\"a\":") + text + "}");
    all += (all.empty() ? "" : ", ") + text;
  }
  for (const Verdict verdict : verdicts(table, "a IN (" + all + ")")) EXPECT_EQ(verdict, true);
}

TEST(WhereSql, NeitherAnAbsentFieldNorItsNotIsSelected) {
  MetadataTable table;
  table.add(R"({"b":1})");
  table.add(R"({"a":null})");
  table.add(std::nullopt);
  table.add(R"({"a":{"b":null}})");
  for (const char* text : {"a.b = 1", "NOT a.b = 1", "a.b != 1", "a.b IN (1)", "a.b NOT IN (1)",
                           "a.b LIKE '%'", "a.b NOT LIKE '%'", "NOT (a.b < 1 OR a.b >= 1)"}) {
    EXPECT_TRUE(table.rows(where_sql(Where::parse(text))).empty()) << text;
  }
  EXPECT_EQ(table.rows(where_sql(Where::parse("a.b IS NULL"))).size(), 4U);
  EXPECT_TRUE(table.rows(where_sql(Where::parse("a.b IS NOT NULL"))).empty());
}

TEST(WhereSql, PlaceOfAListElementIsNoField) {
  MetadataTable table;
  table.add(R"({"a":[5]})");
  EXPECT_EQ(verdicts(table, "a.\"0\" = 5").at(0), std::nullopt);
  EXPECT_EQ(verdicts(table, "\"a[0]\" = 5").at(0), std::nullopt);
  EXPECT_EQ(verdicts(table, "a = 5").at(0), false);
  EXPECT_EQ(verdicts(table, "a != 5").at(0), true);
}

// Takes our own words out of the SQL; what is left is not ours.
std::string foreign_words(std::string sql) {
  static const std::vector<std::string> ours = {"ifnull(json_type(metadata, ",
                                                "json_extract(metadata, ",
                                                "CASE ",
                                                "WHEN ",
                                                "THEN ",
                                                "ELSE ",
                                                "END",
                                                "NULL",
                                                "NOT ",
                                                "AND ",
                                                "OR ",
                                                "IN (",
                                                "LIKE ",
                                                "ESCAPE '\\'",
                                                "'null'",
                                                "'text'",
                                                "'integer'",
                                                "'real'",
                                                "'true'",
                                                "'false'"};
  for (const std::string& word : ours) {
    for (size_t at = sql.find(word); at != std::string::npos; at = sql.find(word)) {
      sql.erase(at, word.size());
    }
  }
  std::erase_if(sql, [](char c) {
    return std::string_view("?0123456789 (),=<>").find(c) != std::string_view::npos;
  });
  return sql;
}

TEST(WhereSql, NoTextOfTheUserIsInTheSql) {
  Random random(9);
  for (int i = 0; i < 500; ++i) {
    const WhereSql sql = where_sql(Where::parse(text_of(random.condition(4))));
    ASSERT_EQ(foreign_words(sql.condition), "") << sql.condition;
  }
}

TEST(WhereSql, InjectionStaysData) {
  const std::vector<std::string> attempts = {"x'; DROP TABLE documents; --",
                                             "' OR 1=1 --",
                                             "x') OR (1=1",
                                             "?1",
                                             "$.b",
                                             "b\" OR \"1\"=\"1",
                                             "\\'; SELECT 1",
                                             "/* */",
                                             "%"};
  MetadataTable table;
  for (const std::string& attempt : attempts) table.add(json({{"a", attempt}, {"b", 1}}).dump());
  for (size_t i = 0; i < attempts.size(); ++i) {
    const WhereSql sql = where_sql(Where::parse(std::string("a = ") + quoted(attempts[i], '\'')));
    EXPECT_EQ(sql.condition, where_sql(Where::parse("a = 'harmless'")).condition);
    EXPECT_EQ(table.rows(sql), std::vector<size_t>{i}) << attempts[i];
    if (attempts[i].find('"') != std::string::npos) continue;
    const WhereSql as_name = where_sql(Where::parse(quoted(attempts[i], '"') + " = 'harmless'"));
    EXPECT_EQ(as_name.condition, sql.condition);
    EXPECT_TRUE(table.rows(as_name).empty()) << attempts[i];
  }
}

TEST(WhereSql, OneFieldIsOneParameter) {
  const WhereSql sql = where_sql(Where::parse("a = 1 OR a = 2 OR \"a\" = 3 OR a.b = 4"));
  EXPECT_EQ(sql.parameters.size(), 6U);  // two paths, four values
}

TEST(WhereSql, LongestPatternOnALongTextEnds) {
  MetadataTable table;
  table.add(json({{"a", std::string(100'000, 'a')}}).dump());
  std::string pattern = "%";
  while (pattern.size() + 3 <= kMaxWherePattern) pattern += "a%";
  EXPECT_EQ(verdicts(table, "a LIKE '" + pattern + "b'").at(0), false);
  EXPECT_EQ(verdicts(table, "a LIKE '%" + std::string(kMaxWherePattern - 2, 'a') + "b'").at(0),
            false);
}

}  // namespace
}  // namespace maxsimd
