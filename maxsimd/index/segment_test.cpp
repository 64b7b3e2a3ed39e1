#include "maxsimd/index/segment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/segment_testing.h"
#include "maxsimd/index/segment_writer.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using index_testing::kCodecs;
using index_testing::random_batch;
using index_testing::random_lengths;
using segment_testing::kStoredCodecs;
using segment_testing::Segments;
using segment_testing::table;

std::vector<std::string> numbered_ids(size_t count) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back("document " + std::to_string(i));
  return ids;
}

void expect_same_bits(const CodedRows& found, const CodedRows& expected) {
  ASSERT_EQ(found.num_rows(), expected.num_rows());
  EXPECT_TRUE(std::ranges::equal(found.codes, expected.codes));
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(found.scales), std::as_bytes(expected.scales)));
}

TEST_F(Segments, StoresTheVectorsThatCodedEmbeddingsStores) {
  for (const Codec codec : kCodecs) {
    for (const size_t dim : {1U, 3U, 96U, 100U, 128U}) {
      SCOPED_TRACE(std::string(codec_name(codec)) + " dim " + std::to_string(dim));
      const Embeddings batch = random_batch(dim, random_lengths(60, 0, 20, 1), 2);
      const std::vector<std::string> ids = numbered_ids(batch.size());
      write(codec, batch, ids);
      CodedEmbeddings expected(dim, codec);
      expected.append(batch);

      const Segment segment = open(codec, dim);
      ASSERT_EQ(segment.size(), batch.size());
      EXPECT_EQ(segment.num_vectors(), batch.num_tokens());
      EXPECT_TRUE(std::ranges::equal(segment.row_offsets(), batch.offsets));
      EXPECT_EQ(segment.rows().num_rows(), batch.num_tokens());
      for (size_t slot = 0; slot < batch.size(); ++slot) {
        expect_same_bits(segment.rows(slot), expected.rows(slot));
        EXPECT_EQ(reinterpret_cast<uintptr_t>(segment.rows(slot).codes.data()) %
                      (codec == Codec::float16 ? 2 : 4),
                  0U);
        EXPECT_EQ(segment.id(slot), ids[slot]);
        EXPECT_EQ(segment.sequences()[slot], 10 + 3 * slot);
        EXPECT_EQ(segment.find(10 + 3 * slot), slot);
        EXPECT_EQ(segment.find_id(ids[slot]), std::vector<size_t>{slot});
      }
      segment.verify();
      EXPECT_EQ(segment.size_bytes(), fs::file_size(file()));
    }
  }
}

TEST_F(Segments, StoredVectorsAreCopiedBitByBit) {
  for (const Codec codec : kStoredCodecs) {
    const Embeddings batch = random_batch(33, {4, 0, 7}, 5);
    fs::remove_all(folder(2));
    write(codec, batch, numbered_ids(3));
    const Segment first = open(codec, 33);
    SegmentWriter writer(segments_, 2, form(codec, 33), table(), 0);
    for (size_t slot = 0; slot < first.size(); ++slot) {
      writer.add(first.sequences()[slot], first.id(slot), first.rows(slot));
    }
    const uint64_t size = writer.size_bytes();
    writer.commit();
    EXPECT_EQ(read_file(file(1)), read_file(file(2)));
    EXPECT_LE(size, fs::file_size(file(2)));
    const size_t lists = codec == Codec::residual ? 200 : 0;
    EXPECT_GT(size + 8 * kSectionAlignment + sizeof(SegmentShape) + lists, fs::file_size(file(2)));
  }
}

TEST_F(Segments, EmptySegmentAndDocumentsWithoutRowsAreFine) {
  for (const Codec codec : kStoredCodecs) {
    write(codec, random_batch(8, {}, 1), {});
    const Segment empty = open(codec, 8);
    EXPECT_EQ(empty.size(), 0U);
    EXPECT_EQ(empty.num_vectors(), 0U);
    EXPECT_EQ(empty.rows().num_rows(), 0U);
    EXPECT_FALSE(empty.find(0).has_value());
    EXPECT_TRUE(empty.find_id("a").empty());
    empty.verify();

    write(codec, random_batch(8, {0, 0}, 1), {"a", "b"});
    const Segment no_rows = open(codec, 8);
    EXPECT_EQ(no_rows.size(), 2U);
    EXPECT_EQ(no_rows.rows(1).num_rows(), 0U);
    EXPECT_EQ(no_rows.find_id("b"), std::vector<size_t>{1});
    no_rows.verify();
  }
}

TEST_F(Segments, FindsSequenceNumbersAndOnlyThem) {
  SegmentWriter writer(segments_, 1, {Codec::float32, 2}, table());
  const std::vector<DocId> sequences = {
      0, 1, 5, 9, uint64_t{1} << 40, std::numeric_limits<uint64_t>::max()};
  const std::vector<float> row = {1, 2};
  for (const DocId sequence : sequences)
    writer.add(sequence, "x", MatrixView<const float>{row.data(), 1, 2});
  writer.commit();
  const Segment segment = open(Codec::float32, 2);
  for (size_t slot = 0; slot < sequences.size(); ++slot) {
    EXPECT_EQ(segment.find(sequences[slot]), slot);
  }
  for (const DocId missing : {2U, 4U, 6U, 10U}) EXPECT_FALSE(segment.find(missing).has_value());
  EXPECT_EQ(segment.find_id("x"), (std::vector<size_t>{0, 1, 2, 3, 4, 5}));
}

TEST_F(Segments, FindsIdsByTheirBytesHoweverTheyResembleEachOther) {
  using namespace std::string_literals;
  const std::vector<std::string> ids = {"abcdefghi",
                                        "a",
                                        "abcdefgh",
                                        "é",
                                        "e\u0301",
                                        "a\0"s,
                                        "a\0\0"s,
                                        "\0"s,
                                        "abcdefgh\0"s,
                                        "a",
                                        "abcdefgi",
                                        "文書",
                                        "文",
                                        "a\0b"s,
                                        "ab",
                                        "B",
                                        std::string(512, 'z'),
                                        std::string(511, 'z'),
                                        "a",
                                        "\U0001F600",
                                        "abcdefghi"};
  std::map<std::string, std::vector<size_t>> expected;
  for (size_t slot = 0; slot < ids.size(); ++slot) expected[ids[slot]].push_back(slot);
  write(Codec::float16, random_batch(3, std::vector<size_t>(ids.size(), 1), 3), ids);
  const Segment segment = open(Codec::float16, 3);
  for (const auto& [id, slots] : expected) EXPECT_EQ(segment.find_id(id), slots) << id;
  for (size_t slot = 0; slot < ids.size(); ++slot) EXPECT_EQ(segment.id(slot), ids[slot]);
  for (const std::string& missing :
       {""s, "abc"s, "abcdefg"s, "e"s, "\0\0"s, "a\0\0\0"s, "\xff"s, std::string(513, 'z')}) {
    EXPECT_TRUE(segment.find_id(missing).empty()) << missing;
  }
}

TEST_F(Segments, AnotherCodecOrDimIsRefusedWithBothNamed) {
  write(Codec::int8, random_batch(100, {2}, 1), {"a"});
  const auto problem = [&](Codec codec, size_t dim) -> std::string {
    try {
      Segment::open_if_exists(folder(), {codec, dim});
    } catch (const FormatError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_NE(problem(Codec::float32, 100)
                .find(file().string() + ": expected codec float32 of dim 100, as the index has; "
                                        "found codec int8 of dim 100;"),
            std::string::npos)
      << problem(Codec::float32, 100);
  // 97 to 100 dimensions take the same bytes in int8.
  EXPECT_NE(
      problem(Codec::int8, 97).find("of dim 97, as the index has; found codec int8 of dim 100"),
      std::string::npos);
  EXPECT_EQ(problem(Codec::int8, 100), "");
}

TEST_F(Segments, MissingFileIsNothingAndAFolderInItsPlaceIsAnIoError) {
  EXPECT_FALSE(Segment::open_if_exists(folder(), {Codec::int8, 4}).has_value());
  fs::create_directories(folder());
  EXPECT_FALSE(Segment::open_if_exists(folder(), {Codec::int8, 4}).has_value());
  fs::create_directories(file());
  EXPECT_THROW(Segment::open_if_exists(folder(), {Codec::int8, 4}), IoError);
}

TEST_F(Segments, WithoutCommitNothingRemains) {
  {
    SegmentWriter writer(segments_, 1, {Codec::float32, 64}, table());
    const Embeddings batch = random_batch(64, {9000}, 1);  // more than the buffer
    writer.add(0, "a", batch.matrix(0));
    EXPECT_EQ(writer.size(), 1U);
    EXPECT_EQ(writer.num_vectors(), 9000U);
    EXPECT_GT(writer.size_bytes(), size_t{9000} * 64 * 4);
  }
  EXPECT_TRUE(fs::is_empty(segments_));
}

TEST_F(Segments, OutlivesItsFileAndReleasesPagesWithoutLosingThem) {
  const Embeddings batch = random_batch(64, random_lengths(100, 0, 40, 8), 9);
  write(Codec::int8, batch, numbered_ids(batch.size()));
  const Segment segment = open(Codec::int8, 64);
  fs::remove_all(folder());
  const std::vector<float> before = decode(segment.rows(), table());
  segment.release_pages();
  EXPECT_EQ(decode(segment.rows(), table()), before);
  segment.verify();
}

TEST_F(Segments, SameDocumentsGiveTheSameFileAndOthersAnotherHeaderChecksum) {
  const Embeddings batch = random_batch(16, {3, 4}, 1);
  write(Codec::float32, batch, {"a", "b"});
  const std::string first = read_file(file());
  const uint64_t checksum = open(Codec::float32, 16).header_checksum();
  write(Codec::float32, batch, {"a", "b"});
  EXPECT_EQ(read_file(file()), first);
  write(Codec::float32, batch, {"a", "c"});
  EXPECT_NE(open(Codec::float32, 16).header_checksum(), checksum);
  Embeddings other = batch;
  other.values[17] += 1.0F;
  write(Codec::float32, other, {"a", "b"});
  EXPECT_NE(open(Codec::float32, 16).header_checksum(), checksum);
}

TEST_F(Segments, VerifyFindsStoredValuesThatAreNotFinite) {
  for (const Codec codec : kCodecs) {
    for (const float bad :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      fs::remove_all(folder());
      std::vector<float> values(6, 1.0F);
      std::vector<std::byte> codes(3 * code_stride(codec, 2));
      std::vector<float> scales(codec == Codec::int8 ? 3 : 0, 1.0F);
      if (codec == Codec::int8) scales[2] = bad;
      values[5] = bad;
      if (codec == Codec::float32) std::memcpy(codes.data(), values.data(), codes.size());
      if (codec == Codec::float16) {
        table().f32_to_f16(values.data(), 6, reinterpret_cast<uint16_t*>(codes.data()));
      }
      SegmentWriter writer(segments_, 1, {codec, 2}, table());
      writer.add(0, "a", CodedRows{codec, 2, codes, scales});
      writer.commit();
      EXPECT_THROW(open(codec, 2).verify(), FormatError) << codec_name(codec) << ' ' << bad;
    }
  }
}

size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  size_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(Segments, WritingAndVerifyingHoldNoMoreThanBuffersInMemory) {
#ifdef MAXSIMD_THREAD_SANITIZER
  GTEST_SKIP() << "the thread sanitizer keeps shadow memory for every mapped byte";
#endif
  const size_t num_bytes = size_t{96} << 20;
  const size_t allowed_bytes = size_t{24} << 20;
  const Embeddings batch = random_batch(128, {128}, 1);  // 64 KiB
  {
    SegmentWriter writer(segments_, 1, {Codec::float32, 128}, table());
    writer.add(0, "first", batch.matrix(0));
    const size_t before = resident_bytes();
    for (DocId document = 1; writer.size_bytes() < num_bytes; ++document) {
      writer.add(document, "a", batch.matrix(0));
    }
    EXPECT_LT(resident_bytes(), before + allowed_bytes);
    writer.commit();
  }
  const Segment segment = open(Codec::float32, 128);
  const size_t before = resident_bytes();
  segment.verify();
  EXPECT_LT(resident_bytes(), before + allowed_bytes);
}

TEST_F(Segments, NamesOfFoldersGoThereAndBack) {
  for (const uint64_t number : {uint64_t{0}, uint64_t{42}, uint64_t{999999}, uint64_t{1000000},
                                std::numeric_limits<uint64_t>::max() / 16}) {
    EXPECT_EQ(segment_number(segment_name(number)), number);
  }
  EXPECT_EQ(segment_name(42), "000042");
  for (const char* other : {"", "42", "0000042", "00004a", "-00042", " 00042", ".000042.tmp-1-0",
                            "99999999999999999999999", "18446744073709551616"}) {
    EXPECT_FALSE(segment_number(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace maxsimd
