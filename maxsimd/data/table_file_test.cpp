// Tables in every format and packing: the same rows, found again by number, and where they are.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/table_file.h"
#include "maxsimd/data/test_folder.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

const TableOptions kOptions = {
    .tsv = {{"a", "b", "more"},
            [](const std::vector<std::string_view>& fields) { return fields[0] == "b"; }}};

TableFile table_of(std::string_view bytes, TableFormat format, TableOptions options = kOptions) {
  return TableFile::from_memory(bytes, "table", format, options);
}

std::vector<Json> rows_of(const TableFile& table) {
  std::vector<Json> rows;
  for (uint64_t i = 0; i < table.size(); ++i) rows.push_back(table.row(i));
  return rows;
}

using Names = std::vector<std::string>;

TEST(TableFile, JsonLinesHaveTheirColumnsInTheOrderOfTheFile) {
  const TableFile table = table_of(
      "\xEF\xBB\xBF{\"z\":\"1\",\"a\":[1,{\"k\":2}],\"m\":null}\r\n\n"
      " \t\n{\"a\":\"2\"}",
      TableFormat::json_lines);
  EXPECT_EQ(table.columns(), (Names{"z", "a", "m"}));
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.row(0)["a"][1]["k"], 2);
  EXPECT_EQ(table.row(1), Json({{"a", "2"}}));
  EXPECT_EQ(table.where(0), "table:1");
  EXPECT_EQ(table.where(1), "table:4");
}

TEST(TableFile, CsvHasAHeaderAndRecordsOverSeveralLines) {
  const TableFile table =
      table_of("a,\"b, c\"\r\n\r\n1,\"two\r\nlines \"\"quoted\"\"\"\r\n  \nx\"y,\n\"last\",3",
               TableFormat::csv);
  EXPECT_EQ(table.columns(), (Names{"a", "b, c"}));
  EXPECT_EQ(rows_of(table), (std::vector<Json>{{{"a", "1"}, {"b, c", "two\r\nlines \"quoted\""}},
                                               {{"a", "x\"y"}, {"b, c", ""}},
                                               {{"a", "last"}, {"b, c", "3"}}}));
  EXPECT_EQ(table.where(0), "table:3");
  EXPECT_EQ(table.where(2), "table:7");
}

TEST(TableFile, TsvHasNamesFromItsHeaderOrByPlace) {
  const TableFile plain = table_of("1\t\"2\n3\t4\t5\t6\r\n", TableFormat::tsv);
  EXPECT_EQ(plain.columns(), (Names{"a", "b"}));
  EXPECT_EQ(plain.row(0), Json({{"a", "1"}, {"b", "\"2"}}));
  EXPECT_EQ(plain.row(1), Json({{"a", "3"}, {"b", "4"}, {"more", "5"}, {"more_2", "6"}}));
  const TableFile named = table_of("b\tx\n1\t2\n", TableFormat::tsv);
  EXPECT_EQ(named.columns(), (Names{"b", "x"}));
  EXPECT_EQ(rows_of(named), (std::vector<Json>{{{"b", "1"}, {"x", "2"}}}));
}

TEST(TableFile, PandasIndexColumnHasItsName) {
  EXPECT_EQ(table_of(",a\n0,x\n", TableFormat::csv).columns(), (Names{"Unnamed: 0", "a"}));
}

TEST(TableFile, EmptyFilesHaveNoRows) {
  for (const TableFormat format : {TableFormat::json_lines, TableFormat::csv, TableFormat::tsv}) {
    for (const char* bytes : {"", "\n", "\xEF\xBB\xBF"}) {
      EXPECT_EQ(table_of(bytes, format).size(), 0U);
      EXPECT_EQ(table_of(bytes, format).columns(), Names{});
    }
  }
  EXPECT_EQ(table_of("a,b\n", TableFormat::csv).size(), 0U);
}

TEST(TableFile, WrongRowsAreNamed) {
  for (const auto& [bytes, format, message] :
       {std::tuple("{\"a\":1}\n{\"a\":1,\"a\":2}\n", TableFormat::json_lines, "table:2: "),
        std::tuple("{\"a\":1}\n[1]\n", TableFormat::json_lines,
                   "table:2: expected one JSON object"),
        std::tuple("{\"a\":1}\n{\"a\":\"\xFF\"}\n", TableFormat::json_lines,
                   "table:2: invalid UTF-8"),
        std::tuple("a,b\n1,\"2\n3\"\n4\n", TableFormat::csv,
                   "table:4: 1 fields; the header names 2"),
        std::tuple("a,b\n1,2\n\"3\"x,4\n", TableFormat::csv,
                   "table:3: text after the closing quote"),
        std::tuple("a,b\n1,\xC3\n", TableFormat::csv, "table:2: invalid UTF-8"),
        std::tuple("b\tx\n1\t2\t3\n", TableFormat::tsv, "table:2: 3 fields; the header names 2")}) {
    const TableFile table = table_of(bytes, format);
    const std::string found = message_of<FormatError>([&] { rows_of(table); });
    EXPECT_TRUE(found.starts_with(message)) << found;
  }
}

TEST(TableFile, WrongFilesAreRefusedWhenTheyAreOpened) {
  for (const auto& [bytes, format, message] :
       {std::tuple("a,a\n", TableFormat::csv, "table: two columns are called 'a'"),
        std::tuple("a,b\n1,2\n3,\"4\n5\n", TableFormat::csv, "table:3: "),
        std::tuple("b\tb\n", TableFormat::tsv, "table: two columns are called 'b'"),
        std::tuple("\xFF\xFE"
                   "a",
                   TableFormat::csv, "table: the file is UTF-16LE"),
        std::tuple("\xFF\xFE"
                   "a",
                   TableFormat::json_lines, "table: the file is UTF-16LE")}) {
    const std::string found =
        message_of<FormatError>([bytes = bytes, format = format] { table_of(bytes, format); });
    EXPECT_TRUE(found.starts_with(message)) << found;
  }
  TableOptions small = kOptions;
  small.max_row_bytes = 8;
  EXPECT_THROW(table_of("a,b\n123456789,1\n", TableFormat::csv, small), FormatError);
}

TEST(TableFile, PackedFilesAreUnpackedIntoMemoryOrAFileWithoutName) {
  const TestFolder folder;
  std::string bytes = "a,b\n";
  for (int i = 0; i < 100000; ++i) bytes += std::to_string(i) + ",\"x\ny\"\n";
  const auto plain = folder.write("t.csv", bytes);
  const auto packed = folder.write_gzip("t.csv.gz", bytes);
  const auto temporary = folder.path() / "temporary";
  std::filesystem::create_directory(temporary);
  TableOptions to_file = kOptions;
  to_file.temporary_folder = temporary;
  const TableFile expected = TableFile::open(plain, kOptions);
  ASSERT_EQ(expected.size(), 100000U);
  for (const TableOptions& options : {kOptions, to_file}) {
    const TableFile table = TableFile::open(packed, options);
    ASSERT_EQ(table.size(), expected.size());
    for (const uint64_t row : {0U, 1U, 54321U, 99999U}) {
      EXPECT_EQ(table.row(row), expected.row(row));
      EXPECT_EQ(table.row(row)["a"], std::to_string(row));
    }
    EXPECT_TRUE(std::filesystem::is_empty(temporary));
  }
}

TEST(TableFile, FormatsGoByTheName) {
  EXPECT_EQ(table_format_by_name("x.CSV.gz"), TableFormat::csv);
  EXPECT_EQ(table_format_by_name("x.csv"), TableFormat::csv);
  EXPECT_EQ(table_format_by_name("x.tsv.gz"), TableFormat::tsv);
  EXPECT_EQ(table_format_by_name("x.jsonl"), TableFormat::json_lines);
  EXPECT_EQ(table_format_by_name("csv"), std::nullopt);
  EXPECT_THROW(TableFile::open("x.parquet", kOptions), std::invalid_argument);
  EXPECT_THROW(TableFile::open("/nowhere/x.csv", kOptions), IoError);
  EXPECT_THROW(TableFile::open("/nowhere/x.csv.gz", kOptions), IoError);
}

TEST(TableFile, LinesThatEndWithCrAloneAreNamed) {
  for (const TableFormat format : {TableFormat::csv, TableFormat::tsv, TableFormat::json_lines}) {
    try {
      TableFile::from_memory("query,positive\ra,b\r", "mac", format, {});
      FAIL() << "expected an error";
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find("mac: its lines end with CR alone"),
                std::string::npos)
          << error.what();
    }
  }
  EXPECT_EQ(TableFile::from_memory("a,b\r", "one", TableFormat::csv, {}).size(), 0U);
  EXPECT_EQ(TableFile::from_memory("a,b\n\"x\ry\",z\n", "cr", TableFormat::csv, {}).size(), 1U);
}

}  // namespace
}  // namespace maxsimd
