#include "maxsimd/base/cpu_model.h"

#include <gtest/gtest.h>

namespace maxsimd {
namespace {

TEST(CpuModel, OfX86IsTheModelName) {
  EXPECT_EQ(cpu_model_of("processor\t: 0\nvendor_id\t: X\nmodel\t\t: 2\n"
                         "model name\t: AMD EPYC 9565 \nflags : a:b\n"
                         "processor : 1\nmodel name : other\n"),
            "AMD EPYC 9565");
}

TEST(CpuModel, OfArmIsWhatItsNumbersStandFor) {
  constexpr const char* kText =
      "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"
      "CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n";
  EXPECT_EQ(cpu_model_of(kText), "ARM Neoverse-N1");
  EXPECT_EQ(cpu_model_of("CPU implementer : 0x99\nCPU part : 0x1"),
            "ARM processor (implementer 0x99, part 0x1)");
}

TEST(CpuModel, MayBeUnknown) {
  EXPECT_EQ(cpu_model_of(""), "");
  EXPECT_EQ(cpu_model_of("no colon\n\n:\nCPU part : 0x1\n"), "");
  EXPECT_EQ(cpu_model().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace maxsimd
