#include "maxsimd/card/dataset_statistics.h"

#include <stdexcept>

#include "maxsimd/card/card_testing.h"

namespace maxsimd {
namespace {

using testing_support::message_of;

// Counts bytes; queries are cut at 5.
uint64_t count_bytes(const std::string& text, TextKind kind) {
  return kind == TextKind::query ? std::min<uint64_t>(text.size(), 5) : text.size();
}

TEST(DatasetStatistics, TextsAreCountedInTheirModeAndInPylates) {
  const std::vector<std::string> texts = {"aa", "bbbbbbbb", "cc"};
  const std::vector<DatasetColumn> columns = {
      {.name = "query", .kind = TextKind::query, .values = texts},
      {.name = "answer", .kind = TextKind::document, .values = texts}};
  DatasetRecord dataset;
  describe_columns(columns, count_bytes, dataset);
  const TextPairs as_query = {{"min", "2 tokens"}, {"mean", "3.0 tokens"}, {"max", "5 tokens"}};
  const TextPairs as_document = {{"min", "2 tokens"}, {"mean", "4.0 tokens"}, {"max", "8 tokens"}};
  EXPECT_EQ(dataset.columns[0].details, as_query);
  EXPECT_TRUE(dataset.columns[0].pylate_details.empty());
  EXPECT_EQ(dataset.columns[1].details, as_document);
  EXPECT_EQ(dataset.columns[1].pylate_details, as_query);
}

TEST(DatasetStatistics, OnlyTheFirstThousandRowsCount) {
  std::vector<std::string> texts(1000, "ab");
  texts.resize(1500, "abcd");
  DatasetRecord dataset;
  describe_columns(std::vector<DatasetColumn>{{.name = "text", .values = texts}}, count_bytes,
                   dataset);
  EXPECT_EQ(dataset.columns[0].details[2].second, "2 tokens");
  EXPECT_EQ(dataset.samples.size(), 3u);
}

TEST(DatasetStatistics, ListsHaveTheMeanOfTheirLengthsAndPylatesQuirk) {
  const std::vector<std::vector<double>> lists = {{1}, {2}, {3}, {1, 2, 3, 4, 5}};
  DatasetRecord dataset;
  describe_columns(std::vector<DatasetColumn>{{.name = "scores", .values = lists}}, count_bytes,
                   dataset);
  EXPECT_EQ(dataset.columns[0].dtype, "list");
  EXPECT_EQ(dataset.columns[0].details[1].second, "2.00 elements");
  EXPECT_EQ(dataset.columns[0].pylate_details[1].second, "3.00 elements");  // (1 + 5) / 2
}

TEST(DatasetStatistics, SamplesAreCut) {
  const std::string longest(1000, 'x');
  const std::vector<std::string> texts = {longest, longest + "y", "é" + longest};
  DatasetRecord dataset;
  describe_columns(std::vector<DatasetColumn>{{.name = "text", .values = texts}}, count_bytes,
                   dataset);
  EXPECT_EQ(dataset.samples[0][0], longest);
  EXPECT_EQ(dataset.samples[1][0], longest + "...");
  EXPECT_EQ(dataset.samples[2][0], "é" + longest.substr(1) + "...");
}

TEST(DatasetStatistics, ColumnsOfDifferentLengthAreRefused) {
  const std::vector<DatasetColumn> columns = {
      {.name = "a", .values = std::vector<std::string>{"x"}},
      {.name = "b", .values = std::vector<int64_t>{1, 2}}};
  DatasetRecord dataset;
  EXPECT_EQ(
      message_of<std::invalid_argument>([&] { describe_columns(columns, count_bytes, dataset); }),
      "describing a data set: column 'b' has 2 rows, the first has 1");
}

TEST(DatasetStatistics, NoRowsAreNoError) {
  DatasetRecord dataset;
  describe_columns(std::vector<DatasetColumn>{{.name = "a", .values = std::vector<std::string>{}}},
                   count_bytes, dataset);
  ASSERT_EQ(dataset.columns.size(), 1u);
  EXPECT_TRUE(dataset.columns[0].details.empty());
  EXPECT_TRUE(dataset.samples.empty());
}

}  // namespace
}  // namespace maxsimd
