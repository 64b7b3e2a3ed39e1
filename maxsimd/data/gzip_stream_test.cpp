#include "maxsimd/data/gzip_stream.h"

#include <gtest/gtest.h>

#include <vector>

#include "maxsimd/data/byte_source.h"
#include "maxsimd/data/test_folder.h"

namespace maxsimd {
namespace {

std::string packed(const std::vector<std::string>& pieces) {
  GzipStream stream;
  std::string out;
  for (const std::string& piece : pieces) stream.write(piece, out);
  stream.finish(out);
  return out;
}

TEST(GzipStream, IsReadBackWhole) {
  const TestFolder folder;
  std::string large;
  for (int i = 0; i < 200'000; ++i)
    large += std::to_string(static_cast<uint32_t>(i) * 2654435761U) + "\n";
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{}, {""}, {"a", "", "b\n"}, {large, "end"}}) {
    std::string wanted;
    for (const std::string& piece : pieces) wanted += piece;
    const auto source = open_byte_source(folder.write("a.gz", packed(pieces)));
    std::string read;
    std::vector<char> buffer(1000);
    while (const size_t count = source->read(buffer)) read.append(buffer.data(), count);
    EXPECT_EQ(read, wanted);
  }
  EXPECT_EQ(packed({large}), packed({large}));
  EXPECT_LT(packed({large}).size(), large.size());
}

}  // namespace
}  // namespace maxsimd
