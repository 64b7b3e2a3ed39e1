#include "maxsimd/data/documents.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/test_folder.h"

namespace maxsimd {
namespace {

std::vector<Record> collect(const std::filesystem::path& path, const ReadOptions& options = {}) {
  std::vector<Record> records;
  read_documents(path, options, [&](Record& record) { records.push_back(std::move(record)); });
  return records;
}

std::vector<Record> from_memory(std::string_view bytes, RecordFormat format,
                                const ReadOptions& options = {}) {
  LineReader lines(memory_byte_source(bytes), "memory");
  std::vector<Record> records;
  read_records(lines, format, options, [&](Record& r) { records.push_back(r); });
  return records;
}

std::string ids_of(const std::vector<Record>& records) {
  std::string ids;
  for (const Record& record : records) ids += record.id + ";";
  return ids;
}

// EF BB BF, CRLF, a blank line, no newline at the end.
constexpr std::string_view kWindowsCorpus =
    "\xEF\xBB\xBF{\"_id\":\"1\",\"title\":\"\",\"text\":\"a\"}\r\n\r\n{\"_id\":\"2\",\"text\":"
    "\"b\"}";

void expect_windows_corpus(const std::vector<Record>& records) {
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].id, "1");
  EXPECT_EQ(records[0].text, "a");
  EXPECT_EQ(records[1].id, "2");
  EXPECT_EQ(records[1].text, "b");
}

TEST(Documents, B58_WindowsFileGivesTwoCleanDocuments) {
  const TestFolder folder;
  expect_windows_corpus(collect(folder.write("corpus.jsonl", kWindowsCorpus)));
}

TEST(Documents, B58_GzipOfTheSameGivesTheSame) {
  const TestFolder folder;
  expect_windows_corpus(collect(folder.write_gzip("corpus.jsonl.gz", kWindowsCorpus)));
}

TEST(Documents, B58_OnlyLineFeedSplitsRecords) {
  const auto records = from_memory(
      "{\"_id\":\"1\",\"text\":\"a\xE2\x80\xA8"
      "b\xC2\x85"
      "c\"}\n{\"_id\":\"2\",\"text\":\"d\"}\n",
      RecordFormat::json_lines);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].text,
            "a\xE2\x80\xA8"
            "b\xC2\x85"
            "c");
}

TEST(Documents, B58_EscapesAndSurrogatePairsAreDecoded) {
  const auto records =
      from_memory(R"({"_id":"1","text":"a\ud83d\ude00b\u00e9\u0000"})", RecordFormat::json_lines);
  EXPECT_EQ(records.at(0).text, std::string("a\xF0\x9F\x98\x80"
                                            "b\xC3\xA9\0",
                                            9));
}

TEST(Documents, B58_ALineOf60MegabytesIsRead) {
  const std::string text(60U << 20, 'x');
  const TestFolder folder;
  const auto records = collect(folder.write(
      "corpus.jsonl", "{\"_id\":\"1\",\"text\":\"" + text + "\"}\n{\"_id\":\"2\",\"text\":\"\"}"));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(records[0].text == text);
}

TEST(Documents, B58_DuplicateIdNamesBothLines) {
  const TestFolder folder;
  const auto path = folder.write(
      "corpus.jsonl", "{\"_id\":\"x\",\"text\":\"a\"}\n\n{\"_id\":\"x\",\"text\":\"b\"}\n");
  const std::string message = message_of<FormatError>([&] { collect(path); });
  EXPECT_NE(message.find("corpus.jsonl:3: "), std::string::npos) << message;
  EXPECT_NE(message.find("corpus.jsonl:1;"), std::string::npos) << message;
}

TEST(Documents, B58_BadLineIsAnErrorWithFileAndLine) {
  const TestFolder folder;
  const auto path =
      folder.write("corpus.jsonl",
                   "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\n{\"_id\":\"2\",\"text\":\"b\"}\n");
  const std::string message = message_of<FormatError>([&] { collect(path); });
  EXPECT_NE(message.find("corpus.jsonl:2: not valid JSON: parse error at line 1, column 8"),
            std::string::npos)
      << message;
}

TEST(Documents, B58_SkipBadCountsAndReportsWhatItSkips) {
  const TestFolder folder;
  const auto path =
      folder.write("corpus.jsonl",
                   "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\n{\"_id\":\"1\",\"text\":\"c\"}\n"
                   "{\"_id\":\"2\",\"text\":\"\xFF\"}\n{\"_id\":\"3\",\"text\":\"b\"}");
  std::string ids;
  const ReadReport report = read_documents(path, {{}, true}, [&](Record& r) { ids += r.id + ";"; });
  EXPECT_EQ(ids, "1;3;");
  EXPECT_EQ(report.records, 2U);
  EXPECT_EQ(report.skipped, 3U);
  ASSERT_EQ(report.problems.size(), 3U);
  EXPECT_NE(report.problems[0].find("corpus.jsonl:2: "), std::string::npos);
}

TEST(Documents, B58_NumberIdsBecomeTextOrAreRefused) {
  constexpr std::string_view lines =
      "{\"_id\":7,\"text\":\"a\"}\n{\"_id\":18446744073709551615,\"text\":\"b\"}\n"
      "{\"_id\":-9223372036854775808,\"text\":\"c\"}";
  const auto records = from_memory(lines, RecordFormat::json_lines);
  EXPECT_EQ(ids_of(records), "7;18446744073709551615;-9223372036854775808;");
  EXPECT_TRUE(records[0].id_is_integer);
  ReadOptions strict;
  strict.integer_ids = IntegerIds::refuse;
  EXPECT_THROW(from_memory(lines, RecordFormat::json_lines, strict), FormatError);
  for (const char* id : {"7.5", "7.0", "7e0", "18446744073709551616"}) {
    const std::string line = std::string("{\"_id\":") + id + ",\"text\":\"a\"}";
    EXPECT_THROW(from_memory(line, RecordFormat::json_lines), FormatError) << id;
  }
}

TEST(Documents, B58_Utf16IsNamed) {
  using namespace std::string_view_literals;
  for (const auto& [bytes, name] :
       {std::pair("\xFF\xFE{\0\"\0"sv, "UTF-16LE"), std::pair("\xFE\xFF\0{\0\""sv, "UTF-16BE"),
        std::pair("{\0\"\0"sv, "UTF-16LE"), std::pair("\0{\0\""sv, "UTF-16BE"),
        std::pair("\xFF\xFE\0\0{\0\0\0"sv, "UTF-32LE"), std::pair("{\0\0\0"sv, "UTF-32LE"),
        std::pair("\0\0\0{"sv, "UTF-32BE")}) {
    const std::string message = message_of<FormatError>(
        [&, bytes = bytes] { from_memory(bytes, RecordFormat::json_lines); });
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find("iconv"), std::string::npos) << message;
  }
}

TEST(Documents, B58_EmptyFilesHaveNoDocuments) {
  const TestFolder folder;
  EXPECT_TRUE(collect(folder.write("corpus.jsonl", "")).empty());
  EXPECT_TRUE(collect(folder.write("corpus.tsv", "\n\r\n")).empty());
  EXPECT_TRUE(collect(folder.write_gzip("corpus.jsonl.gz", "")).empty());
  EXPECT_TRUE(collect(folder.write("bom.jsonl", "\xEF\xBB\xBF")).empty());
}

TEST(Documents, B54_InvalidUtf8NamesLineAndByteOffset) {
  const std::string message = message_of<FormatError>([&] {
    from_memory("{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"2\",\"text\":\"caf\xE9\"}\n",
                RecordFormat::json_lines);
  });
  EXPECT_NE(message.find("memory:2: invalid UTF-8: byte 0xE9 at byte 22 of the line, byte 45"),
            std::string::npos)
      << message;
}

TEST(Documents, B54_IdsAreByteIdentical) {
  const auto records =
      from_memory("{\"_id\":\"\xC3\xA9\",\"text\":\"\"}\n{\"_id\":\"e\xCC\x81\",\"text\":\"\"}",
                  RecordFormat::json_lines);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].id, "\xC3\xA9");
  EXPECT_EQ(records[1].id, "e\xCC\x81");
}

TEST(Documents, B54_HalfASurrogatePairIsAProblemOfItsLine) {
  const TestFolder folder;
  const auto path = folder.write("corpus.jsonl",
                                 "{\"_id\":\"1\",\"text\":\"a\\ud800b\"}\n"
                                 "{\"_id\":\"\\udc00\",\"text\":\"\"}\n"
                                 "{\"_id\":\"3\",\"text\":\"a\\\\ud800b\"}\n"
                                 "{\"_id\":\"4\",\"text\":\"\",\"x\":[\"\\ud800\"]}\n");
  const std::string message = message_of<FormatError>([&] { collect(path); });
  EXPECT_NE(message.find("corpus.jsonl:1: not valid JSON"), std::string::npos) << message;
  EXPECT_NE(message.find("surrogate"), std::string::npos) << message;
  std::string texts;
  const ReadReport report =
      read_documents(path, {{}, true}, [&](Record& r) { texts += r.text + ";"; });
  EXPECT_EQ(texts, "a\\ud800b;");
  EXPECT_EQ(report.skipped, 3U);
}

TEST(Documents, B54_DeepNestingIsAnErrorNotAStackOverflow) {
  const std::string arrays = R"({"_id":"1","text":"","x":)" + std::string(1000000, '[');
  std::string objects = R"({"_id":"1","text":"","x":)";
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  for (const std::string& line : {arrays, objects}) {
    const std::string message =
        message_of<FormatError>([&] { from_memory(line, RecordFormat::json_lines); });
    EXPECT_NE(message.find("64 levels"), std::string::npos) << message;
  }
}

TEST(Documents, MissingRepeatedAndWrongFieldsSayWhatIsExpected) {
  const auto message = [](std::string_view line) {
    return message_of<FormatError>([&] { from_memory(line, RecordFormat::json_lines); });
  };
  EXPECT_NE(message(R"({"question":"a","answer":"b"})")
                .find("\"_id\" is missing (other keys: \"answer\" \"question\")"),
            std::string::npos);
  EXPECT_NE(message(R"({"_id":"1"})").find("\"text\" is missing"), std::string::npos);
  EXPECT_NE(message(R"({"_id":"1","text":5})").find("\"text\" is the number 5; expected a string"),
            std::string::npos);
  EXPECT_NE(message(R"({"_id":"1","text":"a","text":"b"})").find("appears twice"),
            std::string::npos);
  EXPECT_NE(message(R"({"_id":"1","text":"a","metadata":{"b":1,"b":2}})").find("appears twice"),
            std::string::npos);
  EXPECT_NE(message(R"(["1","a"])").find("memory:1: a JSON array; expected one JSON object a line"),
            std::string::npos);
  EXPECT_NE(message(R"({"_id":"","text":"a"})").find("id is empty"), std::string::npos);
  EXPECT_NE(message(R"({"_id":null,"text":"a"})").find("\"_id\" is a JSON null"),
            std::string::npos);
  EXPECT_NE(message("{\"_id\":\"" + std::string(513, 'x') + "\",\"text\":\"a\"}").find("513 bytes"),
            std::string::npos);
}

TEST(Documents, MetadataIsKeptWithoutWhiteSpaceInOrderOfItsKeys) {
  const auto records = from_memory(
      R"({"_id":"1","text":"a","metadata": {"year": 1990, "x": ["\u00e9\n", 0.1, null]}})"
      "\n"
      R"({"_id":"2","title":null,"text":null,"metadata":null})",
      RecordFormat::json_lines);
  EXPECT_EQ(records.at(0).metadata, "{\"x\":[\"\xC3\xA9\\n\",0.1,null],\"year\":1990}");
  EXPECT_EQ(records.at(1).title + records.at(1).text + records.at(1).metadata, "");
}

constexpr std::string_view kCollection =
    "0\ta \"\"Bond\"\" film\r\n1\t\"open quote\n2\tx\tTitle\n5\tgap in ids\nabc\tstring "
    "id\n7\ttrailing\t\n8\t  led\n";

TEST(Tsv, B59_OneRuleForTabsQuotesAndIds) {
  const auto records = from_memory(kCollection, RecordFormat::tsv);
  EXPECT_EQ(ids_of(records), "0;1;2;5;abc;7;8;");
  EXPECT_EQ(records[0].text, "a \"\"Bond\"\" film");
  EXPECT_EQ(records[1].text, "\"open quote");
  EXPECT_EQ(records[2].text, "x");
  EXPECT_EQ(records[2].title, "Title");
  EXPECT_EQ(document_text(records[2]), "Title x");
  EXPECT_EQ(records[5].text, "trailing");
  EXPECT_EQ(records[5].title, "");
  EXPECT_EQ(records[6].text, "  led");
}

TEST(Tsv, B59_OnlyTheDocumentedHeaderIsSkipped) {
  EXPECT_EQ(ids_of(from_memory("id\ttext\n1\ta\n", RecordFormat::tsv)), "1;");
  EXPECT_EQ(ids_of(from_memory("\xEF\xBB\xBFid\ttext\ttitle\r\n1\ta\n", RecordFormat::tsv)), "1;");
  EXPECT_EQ(ids_of(from_memory("pid\tpassage\n1\ta\n", RecordFormat::tsv)), "pid;1;");
  EXPECT_EQ(ids_of(from_memory("1\ta\nid\ttext\n", RecordFormat::tsv)), "1;id;");
}

TEST(Tsv, B59_LineWithoutATabIsAnErrorWithItsLine) {
  const std::string message =
      message_of<FormatError>([&] { from_memory("1\ta\nno tab\n", RecordFormat::tsv); });
  EXPECT_NE(message.find("memory:2: no TAB"), std::string::npos) << message;
}

TEST(Tsv, B59_TabsInsideATextNeedTitlesOff) {
  EXPECT_THROW(from_memory("1\ta\tb\tc\n", RecordFormat::tsv), FormatError);
  ReadOptions options;
  options.tsv_titles = false;
  EXPECT_EQ(from_memory("1\ta\tb\tc\n", RecordFormat::tsv, options).at(0).text, "a\tb\tc");
}

TEST(Queries, ThreeColumnsAreRefused) {
  const TestFolder folder;
  EXPECT_THROW(read_queries(folder.write("q.tsv", "1\ta\tb\n"), {}, [](Record&) {}), FormatError);
  EXPECT_EQ(read_queries(folder.write("p.tsv", "1\ta\n2\tb\n"), {}, [](Record&) {}).records, 2U);
}

TEST(TextFolder, IdsAreRelativePathsInOrderOfNames) {
  const TestFolder folder;
  folder.write("docs/b.txt", "bee");
  folder.write("docs/a/x.md", "\xEF\xBB\xBF# ex");
  folder.write("docs/a/y.MD", "why");
  folder.write("docs/.git/z.txt", "hidden");
  folder.write("docs/c.pdf", "other");
  const auto records = collect(folder.path() / "docs");
  EXPECT_EQ(ids_of(records), "a/x.md;a/y.MD;b.txt;");
  EXPECT_EQ(records[0].text, "# ex");
  EXPECT_EQ(ids_of(collect(folder.path() / "docs" / "b.txt")), "b.txt;");
}

TEST(TextFolder, WrongEncodingNamesTheFile) {
  const TestFolder folder;
  folder.write("docs/a.txt", "caf\xE9");
  const std::string message = message_of<FormatError>([&] { collect(folder.path() / "docs"); });
  EXPECT_NE(message.find("a.txt: invalid UTF-8 at byte 3"), std::string::npos) << message;
}

TEST(Documents, RepeatedIdsAreFoundAcrossInputs) {
  const TestFolder folder;
  const std::vector<std::filesystem::path> paths = {
      folder.write("one.jsonl", "{\"_id\":\"7\",\"text\":\"a\"}"),
      folder.write("two.tsv", "6\tb\n7\tc\n")};
  const std::string message =
      message_of<FormatError>([&] { read_documents(paths, {}, [](Record&) {}); });
  EXPECT_NE(message.find("two.tsv:2: the id '7'"), std::string::npos) << message;
  EXPECT_NE(message.find("one.jsonl:1;"), std::string::npos) << message;
}

TEST(Documents, UnknownNamesAndMissingFilesSayWhatToDo) {
  const TestFolder folder;
  EXPECT_THROW(collect(folder.path() / "none.jsonl"), IoError);
  const auto path = folder.write("corpus.csv", "x");
  EXPECT_NE(message_of<std::invalid_argument>([&] { collect(path); }).find(".jsonl"),
            std::string::npos);
  EXPECT_THROW(read_queries(folder.path(), {}, [](Record&) {}), std::invalid_argument);
}

TEST(Documents, DamagedGzipIsAFormatError) {
  const TestFolder folder;
  std::string text;
  for (int i = 0; i < 20000; ++i)
    text += "{\"_id\":\"" + std::to_string(i * 7919) + "\",\"text\":\"\"}\n";
  const auto path = folder.write_gzip("corpus.jsonl.gz", text);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THROW(collect(path), FormatError);
}

TEST(LineReader, LineAboveTheLimitIsRefused) {
  const std::string text(5000000, 'x');
  LineReader lines(memory_byte_source(text), "memory", 1000000);
  EXPECT_THROW(lines.next(), FormatError);
}

TEST(DocumentText, StripsUnicodeSpaceAsPythonDoes) {
  EXPECT_EQ(document_text(Record{"1", false, "\xE3\x80\x80T", "x\xE2\x80\xA8\x1F", ""}), "T x");
  EXPECT_EQ(document_text(Record{"1", false, "", "\xE2\x80\x8Bx\xEF\xBB\xBF", ""}),
            "\xE2\x80\x8Bx\xEF\xBB\xBF");
}

TEST(DocumentText, JoinsTitleAndTextWithOneSpace) {
  EXPECT_EQ(document_text(Record{"1", false, "T", "x", ""}), "T x");
  EXPECT_EQ(document_text(Record{"1", false, "", " x ", ""}), "x");
  EXPECT_EQ(document_text(Record{"1", false, " T", "", ""}), "T");
  const Record spaced{"1", false, "T ", " x", ""};
  EXPECT_EQ(document_text(spaced), "T   x");
  EXPECT_EQ(document_text(Record(spaced)), "T   x");
  EXPECT_EQ(document_text(Record{"1", false, "\xC2\xA0", "\n", ""}), "");
}

using Calls = std::vector<std::pair<uint64_t, uint64_t>>;

Calls progress_of(std::span<const std::filesystem::path> paths) {
  Calls calls;
  ReadOptions options;
  options.progress = [&](uint64_t done, uint64_t total) { calls.emplace_back(done, total); };
  read_documents(paths, options, [](Record&) {});
  return calls;
}

TEST(Documents, ProgressRisesToTheBytesOfAllInputs) {
  const TestFolder folder;
  std::string lines;
  for (int i = 0; i < 40000; ++i) {
    lines.append(R"({"_id": ")").append(std::to_string(i)).append(R"(", "text": ")");
    lines.append(100, 'x').append("\"}\n");
  }
  folder.write("texts/a.txt", "one");
  folder.write("texts/sub/b.md", "three");
  const std::vector<std::filesystem::path> paths = {folder.write("big.jsonl", lines),
                                                    folder.path() / "texts"};
  const Calls calls = progress_of(paths);
  ASSERT_GE(calls.size(), 6U) << "every MiB and after each file";
  for (size_t i = 1; i < calls.size(); ++i) EXPECT_GE(calls[i].first, calls[i - 1].first);
  for (const auto& call : calls) EXPECT_EQ(call.second, lines.size() + 8);
  EXPECT_EQ(calls.back().first, lines.size() + 8);
}

TEST(Documents, ProgressOfAPackedFileIsInItsOwnBytes) {
  const TestFolder folder;
  const auto path = folder.write_gzip("a.jsonl.gz", "{\"_id\":\"1\",\"text\":\"a\"}\n");
  const Calls calls = progress_of(std::span(&path, 1));
  ASSERT_FALSE(calls.empty());
  const uint64_t size = std::filesystem::file_size(path);
  EXPECT_EQ(calls.back(), (Calls::value_type{size, size}));
  for (const auto& call : calls) EXPECT_LE(call.first, size);
}

TEST(Documents, IntegerIdsThatAreAskedForAreDecimalNumbersOf64Bits) {
  ReadOptions options;
  options.require_integer_ids = true;
  for (const char* id : {"0", "7", "-7", "9223372036854775807", "-9223372036854775808"}) {
    const std::string line = std::string(id).append("\ttext\n");
    EXPECT_EQ(from_memory(line, RecordFormat::tsv, options).size(), 1U) << id;
  }
  for (const char* id : {"a", "7a", "07", "+7", "-0", " 7", "7.0", "9223372036854775808"}) {
    const std::string line = std::string("1\tgood\n").append(id).append("\ttext\n");
    try {
      from_memory(line, RecordFormat::tsv, options);
      ADD_FAILURE() << id;
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find("memory:2"), std::string::npos) << error.what();
    }
  }
}

TEST(Documents, AnIdWithANullCharacterIsRefused) {
  using namespace std::string_view_literals;
  EXPECT_THROW(from_memory("a\0b\ttext\n"sv, RecordFormat::tsv), FormatError);
  EXPECT_THROW(from_memory(R"({"_id": "a\u0000", "text": "x"})", RecordFormat::json_lines),
               FormatError);
}

}  // namespace
}  // namespace maxsimd
