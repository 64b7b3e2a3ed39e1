#include "maxsimd/index/codec.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/block_scan.h"
#include "maxsimd/search/packed_query.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

TEST(Codec, NamesGoBothWaysAndOthersAreUnknown) {
  for (const Codec codec : index_testing::kCodecs) {
    EXPECT_EQ(codec_from_name(codec_name(codec)), codec);
  }
  EXPECT_EQ(codec_from_name("float64"), std::nullopt);
  EXPECT_EQ(codec_from_name(""), std::nullopt);
}

TEST(Codec, SizesAreThoseOfTheFormat) {
  EXPECT_EQ(bytes_per_vector(Codec::float32, 96), 384U);
  EXPECT_EQ(bytes_per_vector(Codec::float16, 96), 192U);
  EXPECT_EQ(bytes_per_vector(Codec::int8, 96), 100U);
  EXPECT_EQ(code_stride(Codec::int8, 97), 100U);
}

TEST(Codec, SliceOfInt8RowsTakesTheirScalesAlong) {
  const std::vector<std::byte> codes(size_t{5} * 8);
  const std::vector<float> scales = {0, 1, 2, 3, 4};
  const CodedRows rows{Codec::int8, 7, codes, scales};
  ASSERT_EQ(rows.num_rows(), 5U);
  const CodedRows slice = rows.slice(2, 3);
  EXPECT_EQ(slice.num_rows(), 3U);
  EXPECT_EQ(slice.codes.data(), codes.data() + 16);
  EXPECT_EQ(slice.scales.front(), 2.0F);
}

// A file of zeros with no blocks on disk but the ones written.
class SparseFile : public testing::Test {
 protected:
  void make(size_t row, size_t dim) {
    path_ = fs::temp_directory_path() /
            ("maxsimd-sparse-" + std::to_string(std::random_device{}()) + ".f32");
    std::ofstream file(path_, std::ios::binary);
    const std::vector<float> ones(dim, 1.0F);
    file.seekp(static_cast<std::streamoff>(row * dim * sizeof(float)));
    file.write(reinterpret_cast<const char*>(ones.data()),
               static_cast<std::streamsize>(dim * sizeof(float)));
  }
  void TearDown() override { fs::remove(path_); }
  fs::path path_;
};

// B31: element 2^32 + 128 at dim 128, byte 2^34 + 512; and 2,246,400,000 elements at dim 1728.
TEST_F(SparseFile, B31RowsPast32BitElementsAreReached) {
  for (const auto& [row, dim] : {std::pair<size_t, size_t>{(size_t{1} << 25) + 1, 128},
                                 std::pair<size_t, size_t>{1'300'000, 1728}}) {
    make(row, dim);
    const MappedFile file = MappedFile::open(path_);
    ASSERT_EQ(file.bytes().size(), (row + 1) * dim * sizeof(float));
    const CodedRows rows{Codec::float32, dim, file.bytes(), {}};
    ASSERT_EQ(rows.num_rows(), row + 1);
    const std::vector<float> ones(dim, 1.0F);
    const PackedQuery query({ones.data(), 1, dim}, Codec::float32);
    AlignedBuffer<float> scratch;
    for (const kernels::Isa isa : kernels::supported_isas()) {
      const auto& kernels = kernels::kernel_table(isa);
      EXPECT_EQ(query.maxsim(rows.slice(row, 1), kernels, scratch), static_cast<float>(dim));
      EXPECT_EQ(query.maxsim(rows.slice(row - 1, 1), kernels, scratch), 0.0F);
      EXPECT_EQ(query.maxsim(rows.slice(row - 9, 10), kernels, scratch), static_cast<float>(dim));
    }
    fs::remove(path_);
  }
}

TEST_F(SparseFile, B31ADocumentPast32BitElementsIsFoundByAScanOfBlocks) {
  constexpr size_t kDim = 128;
  constexpr uint64_t kRow = (uint64_t{1} << 25) + 1;
  make(kRow, kDim);
  const MappedFile file = MappedFile::open(path_);
  const std::vector<uint64_t> offsets = {0, kRow - 1, kRow, kRow + 1};
  std::vector<DocumentBlock> blocks;
  append_blocks({{Codec::float32, kDim, file.bytes(), {}}, offsets, {}, 0}, blocks);
  Bitmap allowed(3, true);
  allowed.remove(0);  // 16 GiB of zeros
  ThreadPool pool(1);
  Embeddings query;
  query.dim = kDim;
  const std::vector<float> ones(kDim, 1.0F);
  query.append({ones.data(), 1, kDim});
  const BlockScan scan{.blocks = blocks,
                       .allowed = &allowed,
                       .kernels = kernels::kernel_table(kernels::best_isa()),
                       .source = "sparse file"};
  EXPECT_EQ(scan_blocks(scan, query, 2, pool)[0],
            (std::vector<ScoredDocument>{{2, static_cast<float>(kDim)}, {1, 0.0F}}));
}

// B31: 3,000,000,000 tokens are counted, and sized, in 64 bits.
TEST(Codec, B31SizesOfThreeBillionVectorsDoNotWrap) {
  const size_t tokens = 3'000'000'000;
  EXPECT_EQ(tokens * bytes_per_vector(Codec::float32, 128), 1'536'000'000'000U);
  Embeddings batch;
  batch.dim = 128;
  batch.offsets = {0, tokens, tokens + 5};
  EXPECT_EQ(batch.num_tokens(), tokens + 5);
  EXPECT_EQ(batch.rows(0), tokens);
  EXPECT_EQ(batch.rows(1), 5U);
}

}  // namespace
}  // namespace maxsimd
