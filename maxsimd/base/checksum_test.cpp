#include "maxsimd/base/checksum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace maxsimd {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// The buffer of xxHash's own sanity test (tests/sanity_test.c): the top bytes of a generator.
std::vector<std::byte> sanity_buffer(size_t size) {
  constexpr uint32_t kPrime32 = 2654435761U;
  constexpr uint64_t kPrime64 = 11400714785074694797ULL;
  std::vector<std::byte> buffer(size);
  uint64_t generator = kPrime32;
  for (std::byte& value : buffer) {
    value = static_cast<std::byte>(generator >> 56);
    generator *= kPrime64;
  }
  return buffer;
}

TEST(Checksum, GivesTheValuesOfTheXxHashProject) {
  // Each length class of XXH3 takes another path: 0, 1-3, 4-8, 9-16, 17-128, 129-240, more.
  const std::vector<std::pair<size_t, uint64_t>> known = {
      {0, 0x2D06800538D394C2ULL},    {1, 0xC44BDFF4074EECDBULL},    {6, 0x27B56A84CD2D7325ULL},
      {12, 0xA713DAF0DFBB77E7ULL},   {24, 0xA3FE70BF9D3510EBULL},   {48, 0x397DA259ECBA1F11ULL},
      {80, 0xBCDEFBBB2C47C90AULL},   {195, 0xCD94217EE362EC3AULL},  {403, 0xCDEB804D65C6DEA4ULL},
      {512, 0x617E49599013CB6BULL},  {2048, 0xDD59E2C3A5F038E0ULL}, {2240, 0x6E73A90539CF2948ULL},
      {2367, 0xCB37AEB9E5D361EDULL},
  };
  for (const auto& [size, expected] : known) {
    const std::vector<std::byte> buffer = sanity_buffer(size);
    EXPECT_EQ(checksum(buffer), expected) << size;
    Checksum stream;
    stream.update(buffer);
    EXPECT_EQ(stream.value(), expected) << size;
  }
}

TEST(Checksum, DoesNotDependOnHowTheBytesAreSplit) {
  const std::vector<std::byte> buffer = sanity_buffer(5000);
  for (const size_t piece : {1U, 3U, 64U, 255U, 256U, 257U, 1024U, 4999U}) {
    Checksum stream;
    for (size_t at = 0; at < buffer.size(); at += piece) {
      stream.update(std::span(buffer).subspan(at, std::min(piece, buffer.size() - at)));
    }
    EXPECT_EQ(stream.value(), checksum(buffer)) << piece;
  }
}

TEST(Checksum, ValueMayBeAskedInBetween) {
  Checksum stream;
  stream.update(bytes_of("late "));
  EXPECT_EQ(stream.value(), checksum(bytes_of("late ")));
  stream.update({});
  stream.update(bytes_of("interaction"));
  EXPECT_EQ(stream.value(), checksum(bytes_of("late interaction")));
  const Checksum moved = std::move(stream);
  EXPECT_EQ(moved.value(), checksum(bytes_of("late interaction")));
}

TEST(Checksum, EveryBitCounts) {
  std::vector<std::byte> buffer = sanity_buffer(300);
  const uint64_t before = checksum(buffer);
  for (size_t bit = 0; bit < buffer.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1U << (bit % 8));
    buffer[bit / 8] ^= mask;
    EXPECT_NE(checksum(buffer), before) << bit;
    buffer[bit / 8] ^= mask;
  }
}

}  // namespace
}  // namespace maxsimd
