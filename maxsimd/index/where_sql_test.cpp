#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "maxsimd/index/where_random_testing.h"

namespace maxsimd {
namespace {

using nlohmann::json;
using where_testing::Condition;
using where_testing::MetadataTable;
using where_testing::Random;
using where_testing::Verdict;

std::vector<Verdict> verdicts(const MetadataTable& table, const std::string& condition) {
  return table.verdicts(where_sql(Where::parse(condition)));
}

TEST(WhereSql, EveryOperatorOnEveryPairOfValuesSaysWhatAnEvaluatorOverJsonSays) {
  std::vector<json> values = where_testing::scalars();
  values.insert(values.end(), {nullptr, json::array(), json::array({1}), json::object()});
  MetadataTable table;
  for (const json& value : values) table.add(json({{"a", value}}).dump());
  for (const char* op : {"=", "!=", "<", "<=", ">", ">=", "IN"}) {
    for (const json& literal : where_testing::scalars()) {
      const Condition condition{op, {"a"}, {literal}, {}};
      const auto found = verdicts(table, text_of(condition));
      for (size_t row = 0; row < values.size(); ++row) {
        EXPECT_EQ(found[row], evaluated(condition, json({{"a", values[row]}})))
            << text_of(condition) << " of " << values[row];
      }
    }
  }
}

TEST(WhereSql, KeysTellConditionsApart) {
  const auto key = [](const char* condition) {
    return where_key(where_sql(Where::parse(condition)));
  };
  EXPECT_EQ(key("a=1 and b = 'x'"), key(" a = 1 AND b='x'"));
  std::set<std::string> keys;
  const char* different[] = {"a = 1",           "a = 1.5",     "a = '1'",      "a = true",
                             "b = 1",           "a != 1",      "a < 1",        "a IN (1, 2)",
                             "a = ','",         "a IN (2, 1)", "a IN ('1,2')", "a.b = 1",
                             "a IN ('1', '2')", "NOT a = 1"};
  for (const char* condition : different) keys.insert(key(condition));
  EXPECT_EQ(keys.size(), std::size(different));
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
    const WhereSql sql =
        where_sql(Where::parse(std::string("a = ") + where_testing::quoted(attempts[i], '\'')));
    EXPECT_EQ(sql.condition, where_sql(Where::parse("a = 'harmless'")).condition);
    EXPECT_EQ(table.rows(sql), std::vector<size_t>{i}) << attempts[i];
    if (attempts[i].find('"') != std::string::npos) continue;
    const WhereSql as_name =
        where_sql(Where::parse(where_testing::quoted(attempts[i], '"') + " = 'harmless'"));
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
