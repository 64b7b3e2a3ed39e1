// EmbeddingsReader: pieces of a file beside the whole of it, and damage told before the first
// piece.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/data/npz/npz_writer.h"
#include "maxsimd/data/test_folder.h"

namespace maxsimd {
namespace {

constexpr size_t kDim = 4;

// Items of 0, 1, 2, ... 6, 0, 1, ... rows, ids "d0", "d1", ...
IdentifiedEmbeddings make_items(size_t count) {
  IdentifiedEmbeddings items;
  items.embeddings.dim = kDim;
  for (size_t i = 0; i < count; ++i) {
    std::vector<float> rows((i % 7) * kDim);
    for (size_t v = 0; v < rows.size(); ++v) rows[v] = static_cast<float>(i * 100 + v);
    items.embeddings.append({rows.data(), i % 7, kDim});
    items.ids.push_back(std::string("d").append(std::to_string(i)));
  }
  return items;
}

std::filesystem::path write_items(const TestFolder& folder, const IdentifiedEmbeddings& items) {
  EmbeddingsWriter writer(folder.path() / "e.npz", kDim);
  writer.add(items.ids, items.embeddings);
  writer.commit();
  return folder.path() / "e.npz";
}

TEST(EmbeddingsReader, PiecesOfAnySizeMakeUpTheFile) {
  const TestFolder folder;
  const IdentifiedEmbeddings items = make_items(50);
  const auto path = write_items(folder, items);
  for (const size_t max_values : {size_t{1}, size_t{12}, size_t{40}, size_t{100000}}) {
    EmbeddingsReader reader(path);
    EXPECT_EQ(reader.size(), 50U);
    EXPECT_EQ(reader.dim(), kDim);
    EXPECT_EQ(reader.num_tokens(), items.embeddings.num_tokens());
    EXPECT_FALSE(reader.has_integer_ids());
    IdentifiedEmbeddings all;
    all.embeddings.dim = kDim;
    size_t pieces = 0;
    for (auto piece = reader.next(max_values); !piece.ids.empty();
         piece = reader.next(max_values), ++pieces) {
      EXPECT_TRUE(piece.ids.size() == 1 || piece.embeddings.values.size() <= max_values);
      for (size_t i = 0; i < piece.ids.size(); ++i) {
        all.embeddings.append(piece.embeddings.matrix(i));
        all.ids.push_back(piece.ids[i]);
      }
    }
    EXPECT_EQ(pieces, max_values == 100000 ? 1U : pieces);
    EXPECT_EQ(all.ids, items.ids);
    EXPECT_EQ(all.embeddings.values, items.embeddings.values);
    EXPECT_EQ(all.embeddings.offsets, items.embeddings.offsets);
    EXPECT_TRUE(reader.next(max_values).ids.empty()) << "the end stays the end";
  }
}

TEST(EmbeddingsReader, IdsMayRepeatThoughAWholeReadRefusesThem) {
  const TestFolder folder;
  IdentifiedEmbeddings items = make_items(3);
  items.ids[2] = "d0";
  const auto path = write_items(folder, items);
  EXPECT_EQ(EmbeddingsReader(path).next(1000).ids, items.ids);
  const std::string expected =
      path.string() + ": ids[0] and ids[2] are both 'd0'; ids must be unique";
  EXPECT_EQ(message_of<FormatError>([&] { read_embeddings(path); }), expected);
}

TEST(EmbeddingsReader, WhatIsAskedBeyondTheFormIsToldByItem) {
  const TestFolder folder;
  IdentifiedEmbeddings items = make_items(3);
  items.ids = {"7", "-8", "+9"};
  const auto path = write_items(folder, items);
  const auto message = [&](const EmbeddingsChecks& checks) {
    return message_of<FormatError>([&] { EmbeddingsReader reader(path, checks); });
  };
  EXPECT_NE(message({.require_integer_ids = true}).find("ids[2] is '+9'"), std::string::npos);
  const auto largest = *std::ranges::max_element(items.embeddings.values, {},
                                                 [](float value) { return std::fabs(value); });
  EmbeddingsReader reader(path, {.largest_value = std::fabs(largest)});
  const float below = std::nextafter(std::fabs(largest), 0.0F);
  EXPECT_NE(message({.largest_value = below}).find("expected magnitudes of at most"),
            std::string::npos);
  std::vector<std::string> seen;
  EmbeddingsReader(path, {.check_id = [&](const std::string& id) { seen.push_back(id); }});
  EXPECT_EQ(seen, items.ids);
}

TEST(EmbeddingsReader, WhatIsNoPlainFileIsRefusedUnopened) {
  const TestFolder folder;
  EXPECT_NE(message_of<IoError>([&] {
              EmbeddingsReader reader(folder.path());
            }).find("expected a regular file, found a folder"),
            std::string::npos);
}

TEST(EmbeddingsReader, B54_ABadValueAtTheEndIsToldBeforeTheFirstPieceByItsId) {
  const TestFolder folder;
  const auto path = folder.path() / "e.npz";
  NpzWriter writer(path);
  writer.begin("values", {NpyKind::floating, sizeof(float)}, {2});
  writer.append(std::span<const float>(
      std::vector<float>{1, 2, 3, 4, 5, std::numeric_limits<float>::infinity()}));
  writer.end();
  writer.begin("offsets", {NpyKind::unsigned_integer, sizeof(uint64_t)});
  writer.append(std::span<const uint64_t>(std::vector<uint64_t>{0, 1, 2, 2, 3}));
  writer.end();
  writer.write_strings("ids", std::vector<std::string>{"a", "b", "empty", "bad"});
  writer.commit();
  const std::string message = message_of<FormatError>([&] { EmbeddingsReader reader(path); });
  EXPECT_NE(message.find("a value of 'bad' is not finite"), std::string::npos) << message;
}

TEST(EmbeddingsReader, DamageAnywhereInTheFileIsToldBeforeTheFirstPiece) {
  const TestFolder folder;
  const auto path = write_items(folder, make_items(30));
  const std::string bytes = read_file(path);
  for (size_t at = 200; at + 100 < bytes.size(); at += 97) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_file_atomic(path, damaged);
    try {
      // Bytes no checksum covers (padding between ZIP entries) may change nothing.
      EXPECT_EQ(EmbeddingsReader(path).next(100000).ids.size(), 30U);
    } catch (const FormatError&) {
    }
  }
}

}  // namespace
}  // namespace maxsimd
