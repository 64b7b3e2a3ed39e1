// Damage to packed files: what cannot be read whole is told, never left out.
#include "maxsimd/data/gunzip_stream.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/byte_source.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/gzip_stream.h"
#include "maxsimd/data/qrels.h"
#include "maxsimd/data/run.h"
#include "maxsimd/data/table_file.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/data/triplets.h"

namespace maxsimd {
namespace {

using namespace std::string_literals;

// The text of a file of these bytes, or "FormatError" when it is told as damaged.
std::string text_of(const std::filesystem::path& path, size_t piece = 1000) {
  std::string text;
  try {
    const auto source = open_byte_source(path);
    std::vector<char> buffer(piece);
    while (const size_t count = source->read(buffer)) text.append(buffer.data(), count);
    EXPECT_EQ(source->read(buffer), 0U);  // the end stays the end
    EXPECT_EQ(source->position(), std::filesystem::file_size(path));
  } catch (const FormatError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with(path.string())) << message;
    EXPECT_TRUE(message.ends_with("; make or download the file again")) << message;
    return "FormatError";
  }
  return text;
}

TEST(Gunzip, MembersAreJoinedAndZerosBetweenAndBehindThemArePadding) {
  const TestFolder folder;
  const std::string one = gzip("one\n"), two = gzip("two\n"), none = gzip("");
  const std::string zeros(300'000, '\0');  // more than a reader's buffer holds
  for (const size_t piece : {1U, 3U, 1000U}) {
    const auto read = [&](const std::string& bytes) {
      return text_of(folder.write("a.gz", bytes), piece);
    };
    EXPECT_EQ(read(one + two), "one\ntwo\n");
    EXPECT_EQ(read(one + none + two + none), "one\ntwo\n");
    EXPECT_EQ(read(one + "\0"s), "one\n");
    EXPECT_EQ(read(one + zeros), "one\n");
    EXPECT_EQ(read(one + zeros + two + zeros), "one\ntwo\n");
    EXPECT_EQ(read(none), "");
  }
}

TEST(Gunzip, WhatFollowsAMemberAndIsNoneIsDamage) {
  const TestFolder folder;
  const std::string one = gzip("one\n");
  for (const std::string& junk :
       {"x"s, "\x1F"s, "\x1F\x8B"s, "junk that goes on"s, "\0\0x"s, "\n"s, "\x1F\x8B\x08"s}) {
    EXPECT_EQ(text_of(folder.write("a.gz", one + junk)), "FormatError") << junk;
  }
  const auto path = folder.write("a.gz", one + one + "junk");
  std::vector<char> buffer(1000);
  const auto source = open_byte_source(path);
  const std::string message = message_of<FormatError>([&] {
    while (source->read(buffer) != 0) continue;
  });
  EXPECT_NE(message.find("in what follows 2 whole gzip members"), std::string::npos) << message;
}

TEST(Gunzip, ACutOffFileIsDamageButBetweenMembers) {
  const TestFolder folder;
  const std::string one = gzip("one\n"), all = one + gzip("two\n");
  for (size_t length = 2; length < all.size(); ++length) {
    EXPECT_EQ(text_of(folder.write("a.gz", all.substr(0, length))),
              length == one.size() ? "one\n" : "FormatError")
        << length;
  }
}

// The first two bytes alone tell that a file is packed. Any other bit either changes nothing (a
// time, say) or is noticed.
TEST(Gunzip, NoFlippedBitLosesRows) {
  const TestFolder folder;
  const std::string all = gzip("one\ntwo\n") + gzip("three\n");
  size_t num_noticed = 0;
  for (size_t bit = 16; bit < 8 * all.size(); ++bit) {
    std::string damaged = all;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const std::string text = text_of(folder.write("a.gz", damaged));
    if (text == "FormatError") {
      ++num_noticed;
      continue;
    }
    EXPECT_EQ(text, "one\ntwo\nthree\n") << bit;
  }
  EXPECT_GT(num_noticed, 8 * all.size() / 2);
}

TEST(Gunzip, PlainFilesAreReadAsTheyAre) {
  const TestFolder folder;
  const std::string large(300'000, 'x');
  for (const std::string& bytes : {""s, "\x1F"s, "a"s, "\x1Fx"s, "a\0\0"s, large}) {
    for (const size_t piece : {1U, 1000U}) {
      EXPECT_EQ(text_of(folder.write("a", bytes), piece), bytes);
    }
  }
}

// Two members, of which the second begins wrongly: its rows would be missing.
TEST(Gunzip, EveryReaderTellsRowsThatWouldBeMissing) {
  const TestFolder folder;
  using Path = std::filesystem::path;
  const auto table = [](const Path& path) { TableFile::open(path, {}); };
  const auto documents = [](const Path& path) { read_documents(path, {}, [](Record&) {}); };
  const auto queries = [](const Path& path) { read_queries(path, {}, [](Record&) {}); };
  const struct {
    const char *name, *first, *second;
    std::function<void(const Path&)> read;
  } cases[] = {
      {"c.jsonl.gz", "{\"_id\":1,\"text\":\"a\"}\n", "{\"_id\":2,\"text\":\"b\"}\n", documents},
      {"c.tsv.gz", "1\ta\n", "2\tb\n", documents},
      {"q.jsonl.gz", "{\"_id\":1,\"text\":\"a\"}\n", "{\"_id\":2,\"text\":\"b\"}\n", queries},
      {"q.tsv.gz", "1\ta\n", "2\tb\n", queries},
      {"t.jsonl.gz", "{\"query\":\"a\"}\n", "{\"query\":\"b\"}\n", table},
      {"t.csv.gz", "query\na\n", "b\n", table},
      {"t.tsv.gz", "a\tb\n", "c\td\n", table},
      {"triplets.tsv.gz", "a\tb\tc\n", "a\tb\tc\n",
       [](const Path& path) { read_triplets(path, {}, [](Triplet&) {}); }},
      {"qrels.tsv.gz", "q\td\t1\n", "q\te\t1\n", [](const Path& path) { read_qrels(path); }},
      {"run.gz", "q Q0 d 1 2.0 x\n", "q Q0 e 2 1.0 x\n", [](const Path& path) { read_run(path); }},
  };
  for (const auto& file : cases) {
    const std::string first = gzip(file.first);
    std::string second = gzip(file.second);
    EXPECT_NO_THROW(file.read(folder.write(file.name, first + second))) << file.name;
    second[0] = static_cast<char>(second[0] ^ 1);
    const auto path = folder.write(file.name, first + second);
    const std::string message = message_of<FormatError>([&] { file.read(path); });
    EXPECT_TRUE(message.starts_with(path.string() + ": damaged")) << message;
  }
}

}  // namespace
}  // namespace maxsimd
