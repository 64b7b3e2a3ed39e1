#include "maxsimd/hyperparameters/value.h"

#include <gtest/gtest.h>

#include "maxsimd/hyperparameters/golden_testing.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;

TEST(HyperparameterValue, PrintsAsPythonDoes) {
  const auto cases = golden_testing::golden("python_str.json");
  ASSERT_GE(cases.size(), 400U);
  for (const auto& pair : cases) {
    EXPECT_EQ(python_str(golden_testing::value_of(pair[0])), pair[1].get<std::string>());
  }
}

TEST(HyperparameterValue, EqualsAsPythonDoes) {
  EXPECT_EQ(Value(int64_t{3}), Value(3.0));
  EXPECT_NE(Value(true), Value(int64_t{1}));  // unlike Python: no hyperparameter takes both
  EXPECT_NE(Value("3"), Value(int64_t{3}));
  EXPECT_EQ(Value(Value::List{Value(int64_t{1})}), Value(Value::List{Value(1.0)}));
  EXPECT_NE(Value(), Value(false));
}

TEST(HyperparameterValue, KnowsWhatAsksForNothing) {
  EXPECT_TRUE(Value().is_empty());
  EXPECT_TRUE(Value(false).is_empty());
  EXPECT_TRUE(Value("").is_empty());
  EXPECT_TRUE(Value(Value::List()).is_empty());
  EXPECT_TRUE(Value(Value::Map()).is_empty());
  EXPECT_FALSE(Value(int64_t{0}).is_empty());
  EXPECT_FALSE(Value("no").is_empty());
}

TEST(HyperparameterValue, IsCutForMessagesBetweenCharacters) {
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "é";
  const std::string text = shown(Value(long_text));
  EXPECT_LT(text.size(), 90U);
  EXPECT_TRUE(text.ends_with("é...")) << text;
}

}  // namespace
}  // namespace maxsimd
