// Shared by the tests of segments: a folder of segments for each test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/residual_coding.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/segment_writer.h"
#include "maxsimd/index/stored_codebook.h"

namespace maxsimd::segment_testing {

inline const kernels::KernelTable& table() {
  return kernels::kernel_table(kernels::best_isa());
}

inline constexpr std::initializer_list<Codec> kStoredCodecs = {Codec::float32, Codec::float16,
                                                               Codec::int8, Codec::residual};

class Segments : public testing::Test {
 protected:
  void SetUp() override {
    segments_ = std::filesystem::temp_directory_path() /
                ("maxsimd-segment-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(segments_);
  }
  void TearDown() override { std::filesystem::remove_all(segments_); }

  std::filesystem::path folder(uint64_t number = 1) const {
    return segments_ / segment_name(number);
  }
  std::filesystem::path file(uint64_t number = 1) const {
    return folder(number) / kSegmentFileName;
  }

  // Residual vectors get a codebook of 4 centroids and 2 bits, and lists.
  SegmentForm form(Codec codec, size_t dim) {
    if (codec != Codec::residual) return {codec, dim, {}};
    return form_beside(codec, dim);
  }
  // The same codebook for vectors that have residual codes beside them.
  SegmentForm form_beside(Codec codec, size_t dim) {
    auto& codebook = codebooks_[dim];
    if (!codebook) codebook = make_codebook(dim);
    return {codec, dim, codebook};
  }

  void write(Codec codec, const Embeddings& batch, const std::vector<std::string>& ids) {
    write(form(codec, batch.dim), batch, ids);
  }
  // Documents with sequence numbers 10, 13, 16, ...
  void write(const SegmentForm& form, const Embeddings& batch,
             const std::vector<std::string>& ids) {
    std::filesystem::remove_all(folder());
    SegmentWriter writer(segments_, 1, form, table(), 0);
    for (size_t item = 0; item < batch.size(); ++item) {
      if (form.codec != Codec::residual) {
        writer.add(10 + 3 * item, ids[item], batch.matrix(item));
        continue;
      }
      CodedResiduals coded(form.codebook->codebook);
      coded.encode(batch.matrix(item), pool_);
      writer.add(10 + 3 * item, ids[item], coded.rows());
    }
    if (writer.has_residuals_beside()) writer.code_residuals(pool_);
    writer.commit();
  }
  Segment open(Codec codec, size_t dim) {
    std::optional<Segment> segment = Segment::open_if_exists(folder(), form(codec, dim));
    EXPECT_TRUE(segment.has_value());
    return *std::move(segment);
  }

  std::filesystem::path segments_;
  ThreadPool pool_{1};

 private:
  std::shared_ptr<const StoredCodebook> make_codebook(size_t dim) {
    const Embeddings sample = index_testing::random_batch(dim, {64}, 11);
    return std::make_shared<const StoredCodebook>(StoredCodebook{
        .number = 7,
        .codebook =
            Codebook::train(sample.matrix(0), 64, {.nbits = 2, .num_centroids = 4}, pool_)});
  }

  std::map<size_t, std::shared_ptr<const StoredCodebook>> codebooks_;  // by dim
};

}  // namespace maxsimd::segment_testing
