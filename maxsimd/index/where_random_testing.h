// Random documents and conditions, and a table of documents that SQLite and the oracle must judge
// alike: for tests.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "maxsimd/index/where_oracle_testing.h"

namespace maxsimd::where_testing {

inline const std::vector<json>& scalars() {
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
                                           "a\U0001F600b",
                                           "\xEF\xBF\xBF",
                                           "[1]",
                                           "?1"};
  return values;
}

inline const std::vector<Field>& fields() {
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
                                            {"gr\u00F6\u00DFe"},
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

}  // namespace maxsimd::where_testing
