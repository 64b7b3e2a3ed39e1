// CSV records beside Python's csv module, and lists as Python prints them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/data/csv.h"
#include "maxsimd/data/python_list.h"
#include "maxsimd/data/training_golden_testing.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

// All records but blank lines; nothing when one is refused.
std::optional<std::vector<std::vector<std::string>>> records_of(std::string_view bytes) {
  std::vector<std::vector<std::string>> records;
  while (!bytes.empty()) {
    const std::optional<size_t> length = csv_record_length(bytes);
    if (!length) return std::nullopt;
    const std::string_view record = bytes.substr(0, *length);
    bytes.remove_prefix(*length);
    if (record == "\n" || record == "\r\n") continue;
    if (parse_csv_record(record, records.emplace_back())) return std::nullopt;
  }
  return records;
}

TEST(Csv, ReadsWhatPythonReads) {
  size_t read = 0;
  const Json golden = training_golden("csv");
  for (const Json& entry : golden) {
    const std::string text = entry[0];
    const auto records = records_of(text);
    ASSERT_EQ(records.has_value(), !entry[1].is_null()) << entry.dump();
    if (!records) continue;
    EXPECT_EQ(Json(*records), entry[1]) << entry.dump();
    ++read;
  }
  EXPECT_GT(read, 100U);
  EXPECT_GT(golden.size() - read, 100U);
}

TEST(Csv, TheMessageNamesTheField) {
  std::vector<std::string> fields;
  EXPECT_NE(parse_csv_record("a,\"b\"c\n", fields)->find("field 2"), std::string::npos);
  EXPECT_TRUE(parse_csv_record("a,\"b\n", fields));
}

TEST(Csv, WhatIsWrittenIsReadBack) {
  const std::vector<std::string> fields = {
      "", "plain", "a,b", "say \"hi\"", "two\nlines\r\n", " spaces ", "\"", "\r"};
  std::string record;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) record += ',';
    append_csv_field(record, field);
  }
  EXPECT_TRUE(record.starts_with(R"(,plain,"a,b","say ""hi""","two)")) << record;
  std::vector<std::string> read;
  EXPECT_EQ(parse_csv_record(record + "\n", read), std::nullopt);
  EXPECT_EQ(read, fields);
}

std::optional<Json> list_of(std::string_view text) {
  std::vector<Json> values;
  if (parse_python_list(text, values)) return std::nullopt;
  return Json(values);
}

// What repr() writes for these values in Python 3.11.
TEST(PythonList, ReadsWhatReprWrites) {
  EXPECT_EQ(list_of(R"([1, -2, 3.5, 1e-05, -1.5e+20])"), Json({1, -2, 3.5, 1e-05, -1.5e+20}));
  EXPECT_EQ(list_of(R"(['a', "it's", 'say "hi"', 'both \' and "'])"),
            Json({"a", "it's", "say \"hi\"", "both ' and \""}));
  EXPECT_EQ(list_of(R"(['a\\b\n\r\t', '\x00\xa0', '\u2028\U000e0001', 'é'])"),
            Json({"a\\b\n\r\t", std::string("\0\xC2\xA0", 3), "\u2028\U000e0001", "é"}));
  EXPECT_EQ(list_of(" ( 1 , 2 , ) "), Json({1, 2}));
  EXPECT_EQ(list_of("[]"), Json::array());
}

TEST(PythonList, RefusesTheRest) {
  for (const char* text :
       {"", "1", "[", "[1", "[1 2]", "[1, 2)", "['a]", "['\\x1']", "['\\ud800']", "['\\q']",
        "[None]", "[nan]", "[[1]]", "[1] 2", "[--1]", "[1e999]", "[,]", "[']", "['\\"}) {
    EXPECT_FALSE(list_of(text)) << text;
  }
}

}  // namespace
}  // namespace maxsimd
