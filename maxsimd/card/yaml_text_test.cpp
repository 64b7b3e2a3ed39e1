#include "maxsimd/card/yaml_text.h"

#include <stdexcept>

#include "maxsimd/card/card_testing.h"

namespace maxsimd {
namespace {

using testing_support::golden_json;
using testing_support::Json;

// Strings that yaml_text quotes on purpose where PyYAML does not: see yaml_text.h.
bool has_odd_break(const std::string& text) {
  for (const char* c : {"\u0085", "\u2028", "\u2029"}) {
    if (text.find(c) != std::string::npos) return true;
  }
  return false;
}
bool could_be_a_number(const std::string& text) {
  return text.find_first_not_of("0123456789_.:+-eE") == std::string::npos;
}

TEST(YamlText, StringsAreWrittenAsPyYamlWritesThem) {
  size_t compared = 0, differing = 0;
  const Json golden = golden_json("yaml_strings.json");
  for (const auto& entry : golden) {
    const std::string text = entry["text"].get<std::string>();
    if (has_odd_break(text)) continue;
    const std::string ours =
        yaml_text(Json{{"key", text}, {"list", Json::array({{{"name", text}}})}});
    const std::string theirs = entry["yaml"].get<std::string>();
    if (could_be_a_number(text) && ours != theirs) {
      const std::string quoted = "key: '" + text + "'\nlist:\n- name: '" + text + "'\n";
      EXPECT_EQ(ours, quoted);
      ++differing;
      continue;
    }
    EXPECT_EQ(ours, theirs) << text;
    ++compared;
  }
  EXPECT_GT(compared, 100u);
  EXPECT_LT(differing, 5u);
}

TEST(YamlText, BlocksAreNestedAsInACard) {
  const Json object = {
      {"tags", {"ColBERT", "dataset_size:1893947", "loss:Contrastive"}},
      {"language", {"no"}},
      {"model-index",
       Json::array({{{"name", "m"},
                     {"results", Json::array({{{"task", {{"type", "a"}}},
                                               {"metrics", Json::array({{{"value", 0.5}}})}}})}}})},
      {"empty", Json::array()},
      {"flag", true},
      {"nothing", nullptr}};
  EXPECT_EQ(yaml_text(object),
            "tags:\n- ColBERT\n- dataset_size:1893947\n- loss:Contrastive\nlanguage:\n- 'no'\n"
            "model-index:\n- name: m\n  results:\n  - task:\n      type: a\n    metrics:\n"
            "    - value: 0.5\nempty: []\nflag: true\nnothing: null\n");
}

TEST(YamlText, FloatsHaveAPoint) {
  EXPECT_EQ(yaml_text(Json{{"a", 1e-5}, {"b", 1.5e-7}, {"c", 1.0}, {"d", 0.7952927133433612}}),
            "a: 1.0e-05\nb: 1.5e-07\nc: 1.0\nd: 0.7952927133433612\n");
}

TEST(YamlText, WhatOtherReadersTakeForANumberIsQuoted) {
  EXPECT_EQ(yaml_text(Json{{"a", "1e5"}, {"b", "0o17"}, {"c", "1.2.3"}, {"d", "v1.2"}}),
            "a: '1e5'\nb: '0o17'\nc: '1.2.3'\nd: v1.2\n");
  EXPECT_EQ(yaml_text(Json{{"a", "x\u2028y"}}), "a: \"x\\Ly\"\n");
}

TEST(YamlText, AListInAListIsRefused) {
  EXPECT_THROW(yaml_text(Json{{"a", Json::array({Json::array({1})})}}), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
