#include "maxsimd/checkpoint/safetensors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/half.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/test_files.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

using namespace testing_support;

struct HostileCase {
  const char* name;
  std::string bytes;
  const char* message;  // a part of it
};

const std::string kOne = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";

std::string tensor_a(const std::string& entry, size_t data_bytes) {
  return safetensors_bytes("{\"a\":" + entry + "}", std::string(data_bytes, '\0'));
}

std::string tensors_a_b(const std::string& offsets_a, const std::string& offsets_b,
                        size_t data_bytes) {
  const std::string start = R"({"dtype":"F32","shape":[1],"data_offsets":)";
  return safetensors_bytes("{\"a\":" + start + offsets_a + "},\"b\":" + start + offsets_b + "}}",
                           std::string(data_bytes, '\0'));
}

std::string shaped_a(const std::string& shape) {
  return tensor_a(R"({"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,4]})", 4);
}

std::string offset_a(const std::string& offsets, size_t data_bytes) {
  return tensor_a(R"({"dtype":"F32","shape":[1],"data_offsets":)" + offsets + "}", data_bytes);
}

// The 24 cases of known bug B10, in its order.
const std::vector<HostileCase>& hostile_cases() {
  static const std::vector<HostileCase> cases = {
      {"b10_01_empty", "", "header too small"},
      {"b10_02_four_bytes", "abcd", "header too small"},
      {"b10_03_length_zero", safetensors_bytes("", "", 0), "not valid JSON"},
      {"b10_04_length_2_to_63", safetensors_bytes("{}", "", uint64_t{1} << 63), "header too large"},
      {"b10_05_length_above_limit", safetensors_bytes("{}", "", 100000001), "header too large"},
      {"b10_06_length_beyond_file", safetensors_bytes("{}", "", 1000), "invalid header length"},
      {"b10_07_array", safetensors_bytes("[]", ""), "must be a JSON object"},
      {"b10_08_not_json", safetensors_bytes("hello!!!", ""), "not valid JSON"},
      {"b10_09_data_too_short", tensor_a(kOne, 3), "tensor 'a': ends at data byte 4"},
      {"b10_10_overlap", tensors_a_b("[0,4]", "[2,6]", 6), "tensor 'b': invalid offsets"},
      {"b10_11_same_range", tensors_a_b("[0,4]", "[0,4]", 4), "invalid offsets"},
      {"b10_12_hole", tensors_a_b("[0,4]", "[8,12]", 12), "tensor 'b': invalid offsets"},
      {"b10_13_reversed", offset_a("[4,0]", 4), "tensor 'a': invalid offsets"},
      {"b10_14_negative_offset", offset_a("[-4,0]", 4), "tensor 'a'"},
      {"b10_15_first_offset_4", offset_a("[4,8]", 8), "tensor 'a': invalid offsets"},
      {"b10_16_shape_2_in_4_bytes", shaped_a("[2]"), "tensor 'a': F32 of shape [2] takes 8 bytes"},
      {"b10_17_overflow", shaped_a("[4611686018427387904,4611686018427387904]"),
       "tensor 'a': overflow"},
      {"b10_18_negative_shape", shaped_a("[-1]"), "tensor 'a': expected shape"},
      {"b10_19_fractional_shape", shaped_a("[1.0]"), "tensor 'a': expected shape"},
      {"b10_20_repeated_name",
       safetensors_bytes(
           "{\"a\":" + kOne + R"(,"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
           std::string(8, '\0')),
       "tensor 'a': this name appears twice"},
      {"b10_21_unknown_dtype", tensor_a(R"({"dtype":"F99","shape":[1],"data_offsets":[0,4]})", 4),
       "tensor 'a': unknown dtype 'F99'"},
      {"b10_22_lower_case_dtype",
       tensor_a(R"({"dtype":"f32","shape":[1],"data_offsets":[0,4]})", 4),
       "tensor 'a': unknown dtype 'f32'"},
      {"b10_23_no_offsets", tensor_a(R"({"dtype":"F32","shape":[1]})", 4),
       "tensor 'a': the header gives no data_offsets"},
      {"b10_24_deep", safetensors_bytes(std::string(5000, '['), ""), "must be a JSON object"},
  };
  return cases;
}

size_t peak_memory_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) * 1024;
}

class HostileHeader : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileHeader, IsRefusedWithFileAndTensorNamedInLittleMemory) {
  const TempFolder folder;
  const auto path = folder.path() / "model.safetensors";
  write_text(path, GetParam().bytes);
  const size_t before = peak_memory_bytes();
  const std::string message = message_of<FormatError>([&] { SafetensorsFile::open(path); });
  EXPECT_LT(peak_memory_bytes() - before, 10'000'000U);
  EXPECT_TRUE(message.starts_with(path.string())) << message;
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(KnownBugB10, HostileHeader, testing::ValuesIn(hostile_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(SafetensorsHeader, DeepNestingInsideAnUnknownFieldIsRefused) {
  const std::string deep = R"({"a":{"x":)" + std::string(5000, '[');
  const std::string bytes = safetensors_bytes(deep, "");
  EXPECT_NE(message_of<FormatError>([&] {
              parse_safetensors(as_bytes(bytes), "f");
            }).find("nested too deeply"),
            std::string::npos);
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += "0123456789abcdef"[std::to_integer<size_t>(byte >> 4)];
    hex += "0123456789abcdef"[std::to_integer<size_t>(byte & std::byte{15})];
  }
  return hex;
}

// As scripts/goldens/checkpoint_safetensors.py describes the tensors of an accepted file.
std::string describe(const std::vector<TensorView>& tensors) {
  std::vector<std::string> lines;
  for (const TensorView& tensor : tensors) {
    std::string shape;
    for (const size_t extent : tensor.shape) {
      shape.append(shape.empty() ? "" : ",").append(std::to_string(extent));
    }
    lines.push_back(tensor.name + ":" + std::string(dtype_name(tensor.dtype)) + ":" + shape + ":" +
                    to_hex(tensor.bytes));
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text.append(text.empty() ? "" : ";").append(line);
  return text;
}

TEST(SafetensorsHeader, VerdictsAndContentsEqualThePythonLibrarys) {
  std::ifstream goldens(MAXSIMD_SOURCE_DIR "/maxsimd/checkpoint/safetensors_verdicts.tsv");
  size_t count = 0;
  for (std::string line; std::getline(goldens, line); ++count) {
    std::istringstream fields(line);
    std::string verdict, hex, tensors;
    std::getline(fields, verdict, '\t');
    std::getline(fields, hex, '\t');
    std::getline(fields, tensors);
    const std::string bytes = from_hex(hex);
    if (verdict == "accept") {
      EXPECT_EQ(describe(parse_safetensors(as_bytes(bytes), "f")), tensors) << line;
    } else {
      EXPECT_THROW(parse_safetensors(as_bytes(bytes), "f"), FormatError) << line;
    }
  }
  EXPECT_EQ(count, 240U);
}

TEST(SafetensorsHeader, ALengthThatLooksLikeATagIsStillALength) {  // 60 is '<', 9 is a tab
  const std::string header = R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
  const std::string padded = header + std::string(60 - header.size(), ' ');
  EXPECT_EQ(parse_safetensors(as_bytes(safetensors_bytes(padded, "abcd")), "f").size(), 1U);
}

std::vector<float> decode(std::string_view dtype, std::string_view shape, std::string_view data) {
  const std::string bytes = one_tensor(dtype, shape, data);
  return decode_values(parse_safetensors(as_bytes(bytes), "f").at(0));
}

TEST(TensorValues, SixteenBitFloatsHaveTheirExactValues) {  // known bug B14
  EXPECT_EQ(decode("BF16", "[2]", from_hex("803f40c0")), (std::vector<float>{1.0F, -3.0F}));
  const std::vector<float> f16 = decode("F16", "[2]", from_hex("003c00fc"));
  EXPECT_EQ(f16, (std::vector<float>{1.0F, -std::numeric_limits<float>::infinity()}));
  EXPECT_EQ(decode("F16", "[1]", from_hex("0100")), (std::vector<float>{5.9604644775390625e-08F}));
  EXPECT_TRUE(std::isnan(decode("BF16", "[1]", from_hex("c07f")).at(0)));
}

TEST(TensorValues, EveryHalfDecodesAsTheScalarConversion) {
  std::string data(2 * 65536, '\0');
  for (size_t i = 0; i < 65536; ++i) {
    data[2 * i] = static_cast<char>(i);
    data[2 * i + 1] = static_cast<char>(i >> 8);
  }
  const std::vector<float> values = decode("F16", "[65536]", data);
  for (size_t i = 0; i < values.size(); ++i) {
    const float expected = f16_to_float(static_cast<uint16_t>(i));
    EXPECT_EQ(std::bit_cast<uint32_t>(values[i]), std::bit_cast<uint32_t>(expected)) << i;
  }
}

TEST(TensorValues, OtherTypesAreRefusedWithTheTensorNamed) {  // known bug B14
  for (const char* dtype : {"F64", "I64"}) {
    const std::string message =
        message_of<FormatError>([&] { decode(dtype, "[1]", std::string(8, '\0')); });
    EXPECT_NE(message.find("tensor 'w'"), std::string::npos) << message;
    EXPECT_NE(message.find(dtype), std::string::npos) << message;
  }
}

TEST(TensorValues, DataAtAnUnalignedPlaceInTheFileIsRead) {  // known bug B14: offset 68
  const std::string data = from_hex("0000803f000000c0");
  std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  for (size_t length = header.size(); length < header.size() + 8; ++length) {
    const std::string padded = header + std::string(length - header.size(), ' ');
    const TempFolder folder;
    write_text(folder.path() / "w.safetensors", safetensors_bytes(padded, data));
    const SafetensorsFile file = SafetensorsFile::open(folder.path() / "w.safetensors");
    EXPECT_EQ(decode_values(*file.find("w")), (std::vector<float>{1.0F, -2.0F}));
  }
}

TEST(TensorValues, NonFiniteWeightsAreRefusedWithTensorAndPlaceNamed) {  // known bug B14
  const std::string bytes = one_tensor("F16", "[3]", from_hex("003c003c00fc"));
  const TensorView tensor = parse_safetensors(as_bytes(bytes), "f").at(0);
  const std::array<size_t, 1> shape = {3};
  const std::string message = message_of<FormatError>([&] { decode_weight(tensor, shape); });
  EXPECT_NE(message.find("tensor 'w': value 2 is infinite"), std::string::npos) << message;
}

TEST(TensorValues, EncodingRoundsToNearestAndRefusesOverflow) {
  const std::array<float, 2> values = {1.0F + 0x1p-11F, 0x1p-24F};
  EXPECT_EQ(to_hex(encode_values(values, DType::f16, "t")), "003c0100");
  EXPECT_EQ(to_hex(encode_values(values, DType::bf16, "t")), "803f8033");
  const std::array<float, 2> large = {1.0F, 65520.0F};
  EXPECT_EQ(encode_values(large, DType::bf16, "t").size(), 4U);
  EXPECT_NE(message_of<FormatError>([&] {
              encode_values(large, DType::f16, "tensor 'w'");
            }).find("tensor 'w': value 1"),
            std::string::npos);
  EXPECT_THROW(encode_values(values, DType::i8, "t"), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
