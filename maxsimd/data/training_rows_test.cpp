// Training rows: the same texts from every format, in any order and from several threads.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/data/training_rows.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

TrainingRows open(const std::vector<fs::path>& paths, const ColumnOptions& columns = {}) {
  return TrainingRows::open(paths, {.columns = columns});
}

std::string line_of(int i) {
  const std::string n = std::to_string(i);
  return "{\"negative_2\":\"n2 " + n + "\",\"question\":\"q " + n + "\",\"id\":" + n +
         ",\"negative_1\":\"n1 " + n + "\",\"answer\":\"a " + n + "\"}\n";
}

Texts texts_of(int i) {
  const std::string n = std::to_string(i);
  return {"q " + n, "a " + n, "n1 " + n, "n2 " + n};
}

TEST(TrainingRows, AreTheSameInEveryFormat) {
  const TestFolder folder;
  const auto json = folder.write("a.jsonl", line_of(0) + "\n" + line_of(1));
  const auto packed = folder.write_gzip("b.jsonl.gz", line_of(0) + line_of(1));
  const auto csv = folder.write(
      "c.csv",
      "id,negative_2,question,answer,negative_1\n0,n2 0,q 0,a 0,n1 0\n1,n2 1,q 1,a 1,n1 1\n");
  const auto tsv = folder.write("d.tsv", "q 0\ta 0\tn1 0\tn2 0\nq 1\ta 1\tn1 1\tn2 1\n");
  for (const fs::path& path : {json, packed, csv, tsv}) {
    const TrainingRows rows = open({path});
    ASSERT_EQ(rows.size(), 2U) << path;
    EXPECT_EQ(rows.row(1), texts_of(1)) << path;
    EXPECT_EQ(rows.row(0), texts_of(0)) << path;
  }
  EXPECT_EQ(open({json}).columns().ignored, Texts{"id"});
}

TEST(TrainingRows, SeveralFilesFollowOneAnother) {
  const TestFolder folder;
  const auto first = folder.write("a.jsonl", line_of(0) + line_of(1));
  const auto second =
      folder.write("b.csv", "negative_2,question,answer,negative_1\nn2 2,q 2,a 2,n1 2\n");
  const TrainingRows rows = open({first, second, first});
  ASSERT_EQ(rows.size(), 5U);
  for (const auto& [row, number] : {std::pair(4, 1), std::pair(2, 2), std::pair(3, 0)}) {
    EXPECT_EQ(rows.row(static_cast<uint64_t>(row)), texts_of(number));
  }
  EXPECT_EQ(rows.where(2), second.string() + ":2");
  EXPECT_THROW(rows.row(5), std::invalid_argument);
}

TEST(TrainingRows, ColumnsMustAgree) {
  const TestFolder folder;
  const auto good = folder.write("a.jsonl", line_of(0));
  const auto fewer = folder.write("b.csv", "question,answer,negative_1\nq,a,n\n");
  const auto more = folder.write(
      "c.csv", "question,answer,negative_1,negative_2,negative_3,source\nq,a,n,n,n,s\n");
  EXPECT_NE(message_of<FormatError>([&] {
              open({good, fewer});
            })
                .find("b.csv:2: no column "
                      "\"negative_2\""),
            std::string::npos);
  EXPECT_NE(message_of<FormatError>([&] {
              open({good, more});
            })
                .find("c.csv:2: column "
                      "\"negative_3\""),
            std::string::npos);
  const auto other =
      folder.write("d.csv", "question,answer,negative_1,negative_2,source\nq,a,n,n,s\n");
  EXPECT_EQ(open({good, other}).size(), 2U);  // what is ignored may differ
}

// The first row's list says how many there are, also where that is none.
TEST(TrainingRows, NegativesBehindAnEmptyListAreNotLeftOutInSilence) {
  const TestFolder folder;
  const auto file = [&](const std::string& name, const std::string& second) {
    return folder.write(name,
                        "{\"query\":\"q\",\"positive\":\"p\",\"negative\":[]}\n"
                        "{\"query\":\"q\",\"positive\":\"p\"" +
                            second + "}\n");
  };
  ThreadPool pool(1);
  for (const char* second : {",\"negative\":[]", ""}) {
    const TrainingRows rows = open({file("a.jsonl", second)});
    EXPECT_NO_THROW(rows.check(pool));
    EXPECT_EQ(rows.columns().warnings.size(), 1U);
  }
  const TrainingRows more = open({file("b.jsonl", ",\"negative\":[\"n\"]")});
  const std::string message = message_of<FormatError>([&] { more.check(pool); });
  EXPECT_NE(message.find("b.jsonl:2: \"negative\" has 1 texts; the first row has 0"),
            std::string::npos)
      << message;
}

TEST(TrainingRows, TheFirstBadRowIsNamedForAnyNumberOfThreads) {
  const TestFolder folder;
  std::string bytes;
  for (int i = 0; i < 5000; ++i) {
    bytes +=
        i == 3111 || i == 4000 || i == 3112 ? "{\"question\":\"q\",\"answer\":null}\n" : line_of(i);
  }
  const TrainingRows rows = open({folder.write("a.jsonl", bytes)});
  for (const size_t threads : {1U, 2U, 4U}) {
    ThreadPool pool(threads);
    const std::string message = message_of<FormatError>([&] { rows.check(pool); });
    EXPECT_NE(message.find("a.jsonl:3112: \"answer\" is a JSON null"), std::string::npos)
        << message;
  }
}

TEST(TrainingRows, AreReadFromSeveralThreads) {
  const TestFolder folder;
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += line_of(i);
  const TrainingRows rows = open({folder.write_gzip("a.jsonl.gz", bytes)});
  ThreadPool pool(4);
  rows.check(pool);
  std::atomic<size_t> right{0};
  pool.parallel_for(3000, [&](size_t i, size_t) {
    const uint64_t row = (i * 1031) % 3000;
    if (rows.row(row) == texts_of(static_cast<int>(row))) ++right;
  });
  EXPECT_EQ(right, 3000U);
}

TEST(TrainingRows, ListsOfNegativesHaveTheLengthOfTheFirst) {
  const TestFolder folder;
  const auto path =
      folder.write("a.jsonl", R"({"query":"q","positive":"p","negatives":["a","b"]})"
                              "\n"
                              R"({"query":"q","positive":"p","negatives":["a","b","c"]})"
                              "\n"
                              R"({"query":"q","positive":"p","negatives":"a"})"
                              "\n"
                              R"({"query":"q","positive":"p","negatives":["a",1]})"
                              "\n");
  const TrainingRows rows = open({path});
  EXPECT_EQ(rows.row(0), (Texts{"q", "p", "a", "b"}));
  for (const uint64_t bad : {1U, 2U, 3U}) EXPECT_THROW(rows.row(bad), FormatError);
}

TEST(TrainingRows, IdsOfAnotherColumn) {
  const TestFolder folder;
  const auto json = folder.write("a.jsonl", R"({"query":"q","positive":"p","ids":["a",7]})"
                                            "\n"
                                            R"({"query":"q","positive":"p","ids":9})"
                                            "\n"
                                            R"({"query":"q","positive":"p","ids":"['x', 3]"})"
                                            "\n"
                                            R"({"query":"q","positive":"p","ids":1.5})"
                                            "\n");
  const TrainingRows rows = open({json});
  EXPECT_EQ(rows.ids(0, "ids"), (Texts{"a", "7"}));
  EXPECT_EQ(rows.ids(1, "ids"), Texts{"9"});
  EXPECT_EQ(rows.ids(2, "ids"), (Texts{"x", "3"}));
  EXPECT_THROW(rows.ids(3, "ids"), FormatError);
  EXPECT_THROW(rows.ids(0, "other"), FormatError);
}

TEST(TrainingRows, ChosenColumnsNameATsvHeader) {
  const TestFolder folder;
  const auto path = folder.write("a.tsv", "title\ttext\nt\tx\n");
  const TrainingRows rows =
      open({path}, {parse_column_choices(Texts{"query=title", "positive=text"})});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.row(0), (Texts{"t", "x"}));
  EXPECT_EQ(open({path}).row(0), (Texts{"title", "text"}));  // no header to the names we know
}

TEST(TrainingRows, EmptyFilesAreRefused) {
  const TestFolder folder;
  EXPECT_THROW(open({}), std::invalid_argument);
  EXPECT_THROW(open({folder.write("a.jsonl", "")}), FormatError);
  EXPECT_THROW(open({folder.write("b.csv", "query,positive\n")}), FormatError);
}

TEST(TrainingRows, ATsvFileWithoutAHeaderSaysSo) {
  const TestFolder folder;
  const auto bare = folder.write("a.tsv", "frage\tantwort\nq\ta\n");
  const auto named = folder.write("b.tsv", "query\tpositive\nq\ta\n");
  EXPECT_EQ(open({named}).columns().warnings, Texts{});
  EXPECT_EQ(open({named, bare}).columns().warnings,
            Texts{bare.string() + ": no header line: its columns are query, positive"});
}

}  // namespace
}  // namespace maxsimd
