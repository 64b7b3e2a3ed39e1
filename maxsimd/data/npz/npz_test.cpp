// The .npz reader and writer against numpy (scripts/goldens/npz_numpy.py) and against damage.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/data/npz/npz_reader.h"
#include "maxsimd/data/npz/npz_writer.h"
#include "maxsimd/data/test_folder.h"

namespace maxsimd {
namespace {

const std::filesystem::path kTestData =
    std::filesystem::path(MAXSIMD_SOURCE_DIR) / "maxsimd/data/npz/testdata";

using Shape = std::vector<uint64_t>;
using Integers = std::vector<int64_t>;
using Strings = std::vector<std::string>;

class NumpyFile : public testing::TestWithParam<const char*> {
 protected:
  NpzReader file_{kTestData / GetParam()};
};

TEST_P(NumpyFile, FloatsOfEverySizeAreRead) {
  EXPECT_EQ(file_.read_floats("f2").values, (std::vector<float>{0, 1, -2.5, 65504, 0x1p-24F}));
  const NpyArray<float> matrix = file_.read_floats("f4");
  EXPECT_EQ(matrix.shape, (Shape{2, 3}));
  EXPECT_EQ(matrix.values, (std::vector<float>{0, 1.5F, -2, 3.25F, 1e-45F, 3.4e38F}));
  EXPECT_EQ(file_.read_floats("f8").values, (std::vector<float>{0.1F, 0.5F}));
  const NpyArray<float> empty = file_.read_floats("empty");
  EXPECT_EQ(empty.shape, (Shape{0, 96}));
  EXPECT_TRUE(empty.values.empty());
}

TEST_P(NumpyFile, IntegersOfEverySizeAreRead) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(file_.read_integers("i1").values, (Integers{-128, 127}));
  EXPECT_EQ(file_.read_integers("i2").values, (Integers{-32768, 32767}));
  EXPECT_EQ(file_.read_integers("i4").values, (Integers{-2147483648LL, 2147483647}));
  EXPECT_EQ(file_.read_integers("i8").values, (Integers{-kMost - 1, kMost}));
  EXPECT_EQ(file_.read_integers("u1").values, (Integers{0, 255}));
  EXPECT_EQ(file_.read_integers("u2").values, (Integers{0, 65535}));
  EXPECT_EQ(file_.read_integers("u4").values, (Integers{0, 4294967295}));
  EXPECT_EQ(file_.read_integers("u8").values, (Integers{0, kMost}));
  EXPECT_EQ(file_.read_integers("b1").values, (Integers{1, 0, 1}));
  EXPECT_EQ(file_.read_integers("scalar").values, (Integers{7}));
  EXPECT_EQ(file_.read_integers("scalar").shape, Shape{});
  EXPECT_EQ(file_.read_integers("cube").shape, (Shape{2, 3, 4}));
  EXPECT_EQ(file_.read_integers("cube").values[23], 23);
  EXPECT_THROW(file_.read_integers("u8_large"), FormatError);
}

TEST_P(NumpyFile, TextsAreReadAsUtf8) {
  EXPECT_EQ(file_.read_strings("text").values,
            (Strings{"a", "", "caf\xC3\xA9", "\xE6\x97\xA5\xE6\x9C\xAC\xF0\x9F\x98\x80",
                     std::string("x\0y", 3)}));
  EXPECT_TRUE(file_.read_strings("no_text").values.empty());
}

TEST_P(NumpyFile, AWrongTypeIsNamed) {
  EXPECT_NE(message_of<FormatError>([&] { file_.read_floats("i4"); }).find("'<i4'"),
            std::string::npos);
  EXPECT_THROW(file_.read_strings("f4"), FormatError);
  EXPECT_THROW(file_.read_integers("text"), FormatError);
  EXPECT_NE(message_of<FormatError>([&] { file_.read_floats("none"); }).find("f4"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Npz, NumpyFile, testing::Values("numpy_stored.npz", "numpy_deflated.npz"));

TEST(Npz, ALongDeflatedArrayIsReadInPieces) {
  const NpzReader file(kTestData / "numpy_deflated.npz");
  const Integers values = file.read_integers("long").values;
  ASSERT_EQ(values.size(), 100000U);
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], static_cast<int64_t>(i % 97));
}

TEST(Npz, PicklesAndForeignLayoutsAreRefusedWithTheRemedy) {
  const NpzReader file(kTestData / "numpy_refused.npz");
  EXPECT_NE(message_of<FormatError>([&] { file.read_strings("object"); }).find("dtype=str"),
            std::string::npos);
  EXPECT_NE(message_of<FormatError>([&] { file.read_floats("fortran"); }).find("ascontiguousarray"),
            std::string::npos);
  for (const char* name : {"big_endian", "complex", "bytes", "record"}) {
    EXPECT_THROW(file.header(name), FormatError) << name;
  }
}

void write_example(const std::filesystem::path& path) {
  EmbeddingsWriter writer(path, 3);
  Embeddings first;
  first.dim = 3;
  for (int i = 0; i < 6; ++i) first.values.push_back(static_cast<float>(i) / 4 - 1);
  first.offsets = {0, 2, 2};
  writer.add(Strings{"d1", "caf\xC3\xA9"}, first);
  Embeddings second;
  second.dim = 3;
  for (int i = 6; i < 15; ++i) second.values.push_back(static_cast<float>(i) / 4 - 1);
  second.offsets = {0, 3};
  writer.add(Strings{"\xF0\x9F\x98\x80"}, second);
  writer.commit();
}

// written.npz has passed `scripts/goldens/npz_numpy.py check`.
TEST(Npz, WeWriteTheBytesNumpyWasSeenToRead) {
  const TestFolder folder;
  write_example(folder.path() / "written.npz");
  EXPECT_TRUE(read_file(folder.path() / "written.npz") == read_file(kTestData / "written.npz"));
}

TEST(EmbeddingsFile, WhatWasWrittenIsReadBack) {
  const TestFolder folder;
  write_example(folder.path() / "e.npz");
  const IdentifiedEmbeddings read = read_embeddings(folder.path() / "e.npz");
  EXPECT_EQ(read.ids, (Strings{"d1", "caf\xC3\xA9", "\xF0\x9F\x98\x80"}));
  EXPECT_EQ(read.embeddings.offsets, (std::vector<uint64_t>{0, 2, 2, 5}));
  EXPECT_EQ(read.embeddings.dim, 3U);
  for (size_t i = 0; i < 15; ++i)
    EXPECT_EQ(read.embeddings.values[i], static_cast<float>(i) / 4 - 1);
}

TEST(EmbeddingsFile, NoItemsIsAFileToo) {
  const TestFolder folder;
  EmbeddingsWriter(folder.path() / "e.npz", 96).commit();
  const IdentifiedEmbeddings read = read_embeddings(folder.path() / "e.npz");
  EXPECT_EQ(read.embeddings.size(), 0U);
  EXPECT_EQ(read.embeddings.dim, 96U);
}

TEST(EmbeddingsFile, NothingAppearsBeforeCommit) {
  const TestFolder folder;
  { EmbeddingsWriter writer(folder.path() / "e.npz", 3); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(EmbeddingsFile, B54_ValuesThatAreNotFiniteAreRefusedByName) {
  const TestFolder folder;
  EmbeddingsWriter writer(folder.path() / "e.npz", 1);
  Embeddings bad{1, {1.0F, std::nanf("")}, {0, 1, 1, 2}};
  EXPECT_NE(message_of<std::invalid_argument>([&] {
              writer.add(Strings{"a", "b", "c"}, bad);
            }).find("'c'"),
            std::string::npos);
  bad.dim = 2;
  EXPECT_THROW(writer.add(Strings{"a", "b", "c"}, bad), std::invalid_argument);
}

// A file with the three arrays, for damage that numpy would write without complaint.
std::filesystem::path write_arrays(const TestFolder& folder, std::vector<float> values,
                                   Shape row_shape, std::vector<uint64_t> offsets,
                                   const Strings& ids) {
  const auto path = folder.path() / "arrays.npz";
  NpzWriter writer(path);
  writer.begin("values", {NpyKind::floating, 4}, std::move(row_shape));
  writer.append(std::span<const float>(values));
  writer.end();
  writer.begin("offsets", {NpyKind::unsigned_integer, 8});
  writer.append(std::span<const uint64_t>(offsets));
  writer.end();
  writer.write_strings("ids", ids);
  writer.commit();
  return path;
}

TEST(EmbeddingsFile, ArraysThatDoNotFitTogetherAreRefused) {
  const TestFolder folder;
  const auto refused = [&](std::vector<float> values, Shape row_shape,
                           std::vector<uint64_t> offsets, const Strings& ids) {
    const auto path =
        write_arrays(folder, std::move(values), std::move(row_shape), std::move(offsets), ids);
    message_of<FormatError>([&] { read_embeddings(path); });
  };
  EXPECT_EQ(read_embeddings(write_arrays(folder, {1, 2}, {2}, {0, 1}, {"a"})).embeddings.size(),
            1U);
  refused({1, 2}, {2}, {0, 2}, {"a"});                        // past the end
  refused({1, 2}, {2}, {1, 1}, {"a"});                        // does not start at 0
  refused({1, 2, 3, 4}, {2}, {0, 2, 1, 2}, {"a", "b", "c"});  // falls
  refused({1, 2}, {2}, {}, {});                               // no offsets
  refused({1, 2}, {2}, {0, 1}, {"a", "b"});                   // one id too many
  refused({1, 2, 3, 4}, {2}, {0, 1, 2}, {"a", "a"});          // the same id twice
  refused({1, 2}, {2}, {0, 1}, {""});                         // an empty id
  refused({1, 2}, {}, {0, 2}, {"a"});                         // one axis
  refused({1, 2}, {2, 1}, {0, 1}, {"a"});                     // three axes
  refused({1, std::numeric_limits<float>::infinity()}, {2}, {0, 1}, {"a"});
}

TEST(Npz, WrongUseOfTheWriterIsRefused) {
  const TestFolder folder;
  NpzWriter writer(folder.path() / "w.npz");
  EXPECT_THROW(writer.begin("../x", {}), std::invalid_argument);
  EXPECT_THROW(writer.append(std::span<const float>()), std::invalid_argument);
  EXPECT_THROW(writer.write_strings("bad", Strings{"\xFF"}), std::invalid_argument);
  EXPECT_THROW(writer.write_strings("bad", Strings{std::string("a\0", 2)}), std::invalid_argument);
  writer.begin("a", {NpyKind::floating, 4}, {2});
  EXPECT_THROW(writer.begin("b", {}), std::invalid_argument);
  const float one = 1.0F;
  writer.append(std::span(&one, 1));
  EXPECT_THROW(writer.end(), std::invalid_argument);  // half a row
  writer.append(std::span(&one, 1));
  writer.end();
  EXPECT_THROW(writer.begin("a", {}), std::invalid_argument);
}

// Opens and reads everything; FormatError is the only way to fail.
void read_everything(std::string_view bytes) {
  try {
    const NpzReader file(bytes, "memory");
    for (const std::string& name : file.names()) {
      switch (file.header(name).type.kind) {
        case NpyKind::floating:
          file.read_floats(name);
          break;
        case NpyKind::unicode:
          file.read_strings(name);
          break;
        default:
          file.read_integers(name);
      }
    }
  } catch (const FormatError&) {
  }
}

TEST(Npz, EveryTruncationIsAFormatError) {
  const std::string bytes = read_file(kTestData / "written.npz");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(NpzReader(std::string_view(bytes).substr(0, size), "memory"), FormatError) << size;
  }
}

TEST(Npz, NoFlippedByteGoesUnnoticedInTheValues) {
  const std::string bytes = read_file(kTestData / "written.npz");
  const NpyArray<float> expected = NpzReader(bytes, "memory").read_floats("values");
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    try {
      EXPECT_EQ(NpzReader(damaged, "memory").read_floats("values").values, expected.values) << i;
    } catch (const FormatError&) {
    }
  }
}

TEST(Npz, RandomDamageNeverCrashes) {
  std::mt19937 random(11);  // seed 11
  for (const char* name : {"numpy_stored.npz", "numpy_deflated.npz", "written.npz"}) {
    const std::string bytes = read_file(kTestData / name);
    for (int round = 0; round < 3000; ++round) {
      std::string damaged = bytes;
      for (size_t i = 1 + random() % 4; i > 0; --i) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      read_everything(damaged);
    }
  }
}

NpyHeader header_of(const std::string& dictionary) {
  std::string bytes = format_npy_header({{NpyKind::floating, 4}, {1}}, 256);
  bytes.replace(10, bytes.size() - 10,
                dictionary + std::string(245 - dictionary.size(), ' ') + "\n");
  return parse_npy_header(bytes, "array");
}

TEST(NpyHeader, HostileShapesAndMalformedDictionariesAreRefused) {
  EXPECT_EQ(header_of("{'descr':'<f4','shape':(3,4),\"fortran_order\":False}").shape,
            (Shape{3, 4}));
  EXPECT_EQ(header_of("{'descr':'<f4','shape':(3,),'fortran_order':True,}").shape, (Shape{3}));
  for (const char* dictionary :
       {"", "{", "{}", "{'descr': '<f4'}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, "
        "18446744073709551615)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 0, "
        "4611686018427387904)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (9999999999,)}",
        "{'descr': '<U99999999', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"}) {
    EXPECT_THROW(header_of(dictionary), FormatError) << dictionary;
  }
}

TEST(Npz, ArraysBeyond4GiBUseZip64) {
  if (std::getenv("MAXSIMD_LARGE_FILES") == nullptr) {
    GTEST_SKIP() << "SKIPPED: writes and reads 4.3 GB; set MAXSIMD_LARGE_FILES=1 to run it";
  }
  const TestFolder folder;
  const auto path = folder.path() / "large.npz";
  constexpr size_t kRows = (size_t{1} << 32) / 96 / 4 + 1000;
  {
    NpzWriter writer(path);
    writer.begin("values", {NpyKind::floating, 4}, {96});
    std::vector<float> row(96);
    for (size_t i = 0; i < kRows; ++i) {
      row.assign(96, static_cast<float>(i % 1000));
      writer.append(std::span<const float>(row));
    }
    writer.end();
    writer.write_strings("ids", Strings{"after the large one"});
    writer.commit();
  }
  const NpzReader file(path);
  EXPECT_EQ(file.read_strings("ids").values, Strings{"after the large one"});
  const NpyArray<float> values = file.read_floats("values");
  ASSERT_EQ(values.shape, (Shape{kRows, 96}));
  for (size_t i = 0; i < kRows; i += 997)
    ASSERT_EQ(values.values[i * 96 + 95], static_cast<float>(i % 1000));
}

TEST(Npz, ReadsTheParityFiles) {
  const char* given = std::getenv("MAXSIMD_SHARED");
  const std::filesystem::path shared = given != nullptr ? given : MAXSIMD_SOURCE_DIR "/../shared";
  if (!std::filesystem::exists(shared / "parity/document.npz")) {
    GTEST_SKIP() << "SKIPPED: no " << shared / "parity/document.npz"
                 << "; set MAXSIMD_SHARED";
  }
  const NpzReader file(shared / "parity/document.npz");
  const NpyArray<float> embeddings = file.read_floats("emb");
  EXPECT_EQ(embeddings.shape, (Shape{1041, 96}));
  double norms = 0.0;
  for (const float value : embeddings.values)
    norms += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(norms, 1041.0, 1e-3);  // unit rows
  int64_t rows = 0;
  for (const int64_t length : file.read_integers("lens").values) rows += length;
  EXPECT_EQ(rows, 1041);
  EXPECT_EQ(file.read_integers("keep_mask").values.size(), 1175U);
}

}  // namespace
}  // namespace maxsimd
