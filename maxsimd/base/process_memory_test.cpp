#include "maxsimd/base/process_memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace maxsimd {
namespace {

TEST(ProcessMemory, TheMarkStaysWhenMemoryIsGivenBack) {
  constexpr size_t kBytes = size_t{64} << 20;
  const uint64_t before = process_memory_bytes("VmHWM");
  ASSERT_GT(before, 0U);
  {
    const std::vector<char> touched(kBytes, 'x');
    EXPECT_GE(process_memory_bytes("VmRSS"), kBytes);
    EXPECT_EQ(touched.back(), 'x');
  }
  EXPECT_GE(process_memory_bytes("VmHWM"), kBytes);
  EXPECT_GE(process_memory_bytes("VmHWM"), before);
}

TEST(ProcessMemory, AFieldThatIsNotThereIsZero) {
  EXPECT_EQ(process_memory_bytes("VmNone"), 0U);
  EXPECT_EQ(process_memory_bytes("VmH"), 0U) << "no prefixes";
  EXPECT_EQ(process_memory_bytes(""), 0U);
}

}  // namespace
}  // namespace maxsimd
