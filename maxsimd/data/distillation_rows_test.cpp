// Rows for knowledge distillation beside PyLate's KDProcessing.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/distillation_rows.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/data/training_golden_testing.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

// Columns -> JSON lines.
std::string lines_of(const Json& columns) {
  std::string lines;
  for (size_t i = 0; i < columns.begin()->size(); ++i) {
    Json row;
    for (const auto& [name, values] : columns.items()) row[name] = values[i];
    lines += row.dump() + "\n";
  }
  return lines;
}

std::string csv_field(const std::string& text) {
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
  return field + "\"";
}

struct GoldenFiles {
  TestFolder folder;
  Json golden = training_golden("distillation");
  DistillationFiles files;

  GoldenFiles() {
    files.queries = {folder.write("queries.jsonl", lines_of(golden["queries"]))};
    files.documents = {folder.write("documents.jsonl", lines_of(golden["documents"]))};
  }
};

void expect_golden(const DistillationRows& rows, const Json& expected) {
  ASSERT_EQ(rows.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const DistillationRow row = rows.row(i);
    EXPECT_EQ(row.query, expected[i]["query"]);
    EXPECT_EQ(Json(row.documents), expected[i]["documents"]);
    EXPECT_EQ(row.scores, expected[i]["scores"].get<std::vector<float>>());
  }
}

TEST(DistillationRows, AreThoseOfKDProcessing) {
  GoldenFiles golden;
  const DistillationOptions options{.n_ways = golden.golden["n_ways"]};
  std::string csv = "query_id,document_ids,scores\n";
  std::string json;
  std::string lists;
  for (const Json& row : golden.golden["rows"]) {
    json += row.dump() + "\n";
    csv += csv_field(row["query_id"]) + "," + csv_field(row["document_ids"]) + "," +
           csv_field(row["scores"]) + "\n";
  }
  for (const auto& path :
       {golden.folder.write("a.jsonl", json), golden.folder.write_gzip("a.csv.gz", csv)}) {
    golden.files.rows = {path};
    const DistillationRows rows = DistillationRows::open(golden.files, options);
    EXPECT_EQ(rows.ways(), 3U);
    expect_golden(rows, golden.golden["expected"]);
    ThreadPool pool(2);
    EXPECT_EQ(rows.check(pool).num_missing, 0U);
  }
}

TEST(DistillationRows, MayHoldTheTexts) {
  GoldenFiles golden;
  std::string lines;
  for (const Json& row : golden.golden["expected"]) lines += row.dump() + "\n";
  const DistillationRows rows =
      DistillationRows::open({.rows = {golden.folder.write("t.jsonl", lines)}}, {});
  expect_golden(rows, golden.golden["expected"]);
}

// As the rows of a data set with KDProcessing's transform are.
TEST(DistillationRows, TextsBesideIdsNeedNoOtherFiles) {
  TestFolder folder;
  const auto file = folder.write(
      "rows.jsonl",
      R"({"query_id": 1, "document_ids": [7, 8], "scores": [1, 2], "query": "q", "documents": ["a", "b"]})"
      "\n");
  const DistillationRow row = DistillationRows::open({.rows = {file}}, {}).row(0);
  EXPECT_EQ(row.query, "q");
  EXPECT_EQ(row.documents, (std::vector<std::string>{"a", "b"}));
  const auto queries = folder.write("queries.jsonl", R"({"query_id": 1, "text": "asked"})"
                                                     "\n");
  const auto documents = folder.write("documents.jsonl", R"({"document_id": 7, "text": "x"})"
                                                         "\n"
                                                         R"({"document_id": 8, "text": "y"})"
                                                         "\n");
  const DistillationFiles files{.rows = {file}, .queries = {queries}, .documents = {documents}};
  EXPECT_EQ(DistillationRows::open(files, {}).row(0).query, "asked");
}

TEST(DistillationRows, SideFilesMayBeBeirOrTsvAndIdsNumbers) {
  const TestFolder folder;
  const DistillationFiles files{
      .rows = {folder.write("r.jsonl",
                            R"({"query_id":7,"document_ids":[1,"2"],"scores":[1,0.5]})")},
      .queries = {folder.write("q.tsv", "7\ta question\n")},
      .documents = {folder.write("d.jsonl", R"({"_id":"1","title":"T","text":"one "})"
                                            "\n"
                                            R"({"_id":2,"text":"two"})")}};
  const DistillationRow row = DistillationRows::open(files, {}).row(0);
  EXPECT_EQ(row.query, "a question");
  EXPECT_EQ(row.documents, (std::vector<std::string>{"T one", "two"}));
}

TEST(DistillationRows, MissingDocumentsAreAnErrorOrEmpty) {
  GoldenFiles golden;
  golden.files.rows = {golden.folder.write(
      "r.jsonl", R"({"query_id":"7","document_ids":["1","2"],"scores":[1,2]})"
                 "\n"
                 R"({"query_id":"7","document_ids":["1","nine"],"scores":[1,2]})"
                 "\n"
                 R"({"query_id":"8","document_ids":["1","2"],"scores":[1,2]})"
                 "\n")};
  const DistillationRows strict = DistillationRows::open(golden.files, {});
  EXPECT_NE(message_of<FormatError>([&] { strict.row(1); })
                .find("r.jsonl:2: no document has the id "
                      "'nine'"),
            std::string::npos);
  const DistillationRows lenient =
      DistillationRows::open(golden.files, {.allow_missing_documents = true});
  EXPECT_EQ(lenient.row(1).documents, (std::vector<std::string>{"a cat of the north", ""}));
  EXPECT_THROW(lenient.row(2), FormatError);  // a query is never missing
}

TEST(DistillationRows, WrongRowsAreNamed) {
  for (const auto& [row, message] :
       {std::pair(R"({"query":"q","documents":["a","b"],"scores":[1]})",
                  "2 documents and 1 scores"),
        std::pair(R"({"query":"q","documents":["a","b","c"],"scores":[1,2,3]})",
                  "3 documents; the "),
        std::pair(R"({"query":"q","documents":["a"],"scores":[1]})", "1 documents; the first row"),
        std::pair(R"({"query":"q","documents":["a",3],"scores":[1,2]})",
                  "\"documents\" is the number 3; expected a text"),
        std::pair(R"({"query":"q","documents":["a","b"],"scores":[1,"2"]})",
                  "\"scores\" is a JSON string; expected a list of"),
        std::pair(R"({"query":"q","documents":["a","b"],"scores":[1,1e300]})",
                  "\"scores\" holds a number beyond float32"),
        std::pair(R"({"query":"q","documents":["a","b"]})", "no column 'scores'"),
        std::pair(R"({"query":"q","documents":[],"scores":[]})", "no documents")}) {
    const TestFolder folder;
    const auto path = folder.write(
        "r.jsonl",
        std::string(R"({"query":"q","documents":["a","b"],"scores":[1,2]})") + "\n" + row);
    const DistillationRows rows = DistillationRows::open({.rows = {path}}, {});
    ThreadPool pool(1);
    const std::string found = message_of<FormatError>([&] { rows.check(pool); });
    EXPECT_NE(found.find(std::string("r.jsonl:2: ") + message), std::string::npos) << found;
  }
}

TEST(DistillationRows, WrongFilesAreNamed) {
  GoldenFiles golden;
  const auto ids =
      golden.folder.write("r.jsonl", R"({"query_id":"7","document_ids":["1"],"scores":[1]})");
  golden.files.rows = {ids};
  DistillationFiles files = golden.files;
  EXPECT_THROW(DistillationRows::open(files, {.n_ways = 0}), std::invalid_argument);
  files.queries.clear();
  EXPECT_THROW(DistillationRows::open(files, {}), std::invalid_argument);
  files = golden.files;
  files.documents.push_back(files.documents[0]);
  EXPECT_NE(
      message_of<FormatError>([&] { DistillationRows::open(files, {}); }).find("documents.jsonl:1"),
      std::string::npos);
  files = golden.files;
  files.rows = {golden.folder.write("t.jsonl", R"({"query":"a","answer":"b"})")};
  EXPECT_THROW(DistillationRows::open(files, {}), FormatError);
  files = golden.files;
  files.documents = {golden.folder.write("x.csv", "id,text\n1,a\n")};
  EXPECT_THROW(DistillationRows::open(files, {}), FormatError);
}

}  // namespace
}  // namespace maxsimd
