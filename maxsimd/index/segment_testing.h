// Shared by the tests of segments: a folder of segments for each test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/segment_writer.h"

namespace maxsimd::segment_testing {

inline const kernels::KernelTable& table() {
  return kernels::kernel_table(kernels::best_isa());
}

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

  // Documents with sequence numbers 10, 13, 16, ...
  void write(Codec codec, const Embeddings& batch, const std::vector<std::string>& ids) const {
    std::filesystem::remove_all(folder());
    SegmentWriter writer(segments_, 1, codec, batch.dim, table());
    for (size_t item = 0; item < batch.size(); ++item) {
      writer.add(10 + 3 * item, ids[item], batch.matrix(item));
    }
    writer.commit();
  }
  Segment open(Codec codec, size_t dim) const {
    std::optional<Segment> segment = Segment::open_if_exists(folder(), codec, dim);
    EXPECT_TRUE(segment.has_value());
    return *std::move(segment);
  }

  std::filesystem::path segments_;
};

}  // namespace maxsimd::segment_testing
