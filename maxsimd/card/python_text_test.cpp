#include "maxsimd/card/python_text.h"

#include "maxsimd/card/card_testing.h"

namespace maxsimd {
namespace {

using testing_support::golden_json;

TEST(PythonText, FloatsArePythonsOwn) {
  const auto golden = golden_json("python_text.json");
  ASSERT_GT(golden["floats"].size(), 300u);
  for (const auto& entry : golden["floats"]) {
    const double value = entry[0].get<double>();
    EXPECT_EQ(python_float(value), entry[1].get<std::string>());
    EXPECT_EQ(python_float(python_round(value, 2)), entry[2].get<std::string>()) << value;
    EXPECT_EQ(python_float(python_round(value, 4)), entry[3].get<std::string>()) << value;
    EXPECT_EQ(table_number(value), entry[4].get<std::string>()) << value;
  }
}

TEST(PythonText, ValuesOfACard) {
  EXPECT_EQ(python_float(3e-6), "3e-06");
  EXPECT_EQ(python_float(1e-8), "1e-08");
  EXPECT_EQ(python_float(0.1), "0.1");
  EXPECT_EQ(python_float(1800), "1800.0");
  EXPECT_EQ(table_number(0.238), "0.238");
  EXPECT_EQ(table_number(0.51940), "0.5194");
  EXPECT_EQ(table_number(0.00006756), "0.0001");
  EXPECT_EQ(with_thousands(1893947), "1,893,947");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
}

TEST(PythonText, ReprOfStrings) {
  const auto golden = golden_json("python_text.json");
  ASSERT_GT(golden["strings"].size(), 5u);
  for (const auto& entry : golden["strings"]) {
    EXPECT_EQ(python_repr(entry[0].get<std::string>()), entry[1].get<std::string>());
  }
}

TEST(PythonText, CodePointsAreWhatIsCounted) {
  EXPECT_EQ(num_code_points("aé東🌾"), 4u);
  EXPECT_EQ(first_code_points("aé東🌾", 3), "aé東");
  EXPECT_EQ(first_code_points("ab", 5), "ab");
}

TEST(PythonText, IndentLeavesBlankLinesAlone) {
  EXPECT_EQ(python_indent("a\n\n \nb\n"), "  a\n\n \n  b\n");
  EXPECT_EQ(python_indent("a\r\nb\rc"), "  a\r\n  b\r  c");
  EXPECT_EQ(python_indent(""), "");
}

}  // namespace
}  // namespace maxsimd
