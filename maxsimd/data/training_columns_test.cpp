// Which columns are trained on: by name, by choice, and as PyLate's collator has it.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/data/training_columns.h"
#include "maxsimd/data/training_golden_testing.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

std::vector<TableColumn> table_of(const Names& names) {
  std::vector<TableColumn> table;
  for (const std::string& name : names) table.push_back({name, std::nullopt});
  return table;
}

TrainingColumns choose(const Names& names, const ColumnOptions& options = {}) {
  return choose_columns(table_of(names), "table", options);
}

Names names_of(const TrainingColumns& chosen) {
  Names names;
  for (const TrainingColumn& column : chosen.columns) names.push_back(column.name);
  return names;
}

TEST(TrainingColumns, GoByTheirNames) {
  const TrainingColumns chosen =
      choose({"negative_10", "source", "answer", "negative", "title", "question", "negative_9"});
  EXPECT_EQ(names_of(chosen),
            (Names{"question", "answer", "negative", "negative_9", "negative_10"}));
  EXPECT_EQ(chosen.ignored, (Names{"source", "title"}));
  EXPECT_EQ(unused_columns_text(chosen), "columns not used: source, title");
  EXPECT_EQ(unused_columns_text({}), "");
  EXPECT_EQ(chosen.columns[0].kind, TextKind::query);
  for (size_t i = 1; i < chosen.columns.size(); ++i) {
    EXPECT_EQ(chosen.columns[i].kind, TextKind::document);
    EXPECT_EQ(chosen.columns[i].role, i == 1 ? ColumnRole::positive : ColumnRole::negative);
  }
}

TEST(TrainingColumns, TheFirstNameOfARoleIsTakenAndTheOthersAreIgnored) {
  const TrainingColumns chosen = choose({"anchor", "positive", "query", "answer"});
  EXPECT_EQ(names_of(chosen), (Names{"query", "answer"}));
  EXPECT_EQ(chosen.ignored, (Names{"anchor", "positive"}));
}

TEST(TrainingColumns, AListOfNegativesIsAColumnForEachText) {
  std::vector<TableColumn> table = table_of({"query", "positive", "negatives"});
  table[2].list_size = 3;
  const TrainingColumns chosen = choose_columns(table, "table", {});
  ASSERT_EQ(chosen.columns.size(), 5U);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(chosen.columns[2 + i].element, i);
}

TEST(TrainingColumns, ListsOfNoNegativesAreTold) {
  std::vector<TableColumn> table = table_of({"query", "positive", "negative", "negatives"});
  table[2].list_size = 0;
  table[3].list_size = 1;
  const TrainingColumns chosen = choose_columns(table, "table", {});
  EXPECT_EQ(names_of(chosen), (Names{"query", "positive", "negatives"}));
  EXPECT_EQ(chosen.empty_lists, Names{"negative"});
  ASSERT_EQ(chosen.warnings.size(), 1U);
  EXPECT_NE(chosen.warnings[0].find("column 'negative' holds lists without texts"),
            std::string::npos);
  const ColumnOptions options{.columns = parse_column_choices(
                                  Names{"query=query", "positive=positive", "negative=negative"})};
  EXPECT_EQ(choose_columns(table, "table", options).warnings, chosen.warnings);
}

TEST(TrainingColumns, TheMessageNamesWhatIsThere) {
  const std::string message = message_of<FormatError>([] { choose({"text", "answer"}); });
  EXPECT_NE(message.find("table: no column 'question', 'query' or 'anchor'"), std::string::npos)
      << message;
  EXPECT_NE(message.find("text, answer"), std::string::npos) << message;
  EXPECT_THROW(choose({"query", "title"}), FormatError);
}

TEST(TrainingColumns, ChoicesAreTakenAndNothingElse) {
  const ColumnOptions options{.columns =
                                  parse_column_choices(Names{"negative=bad_10", "positive=title",
                                                             "query=text", "negative=bad_2"})};
  const TrainingColumns chosen = choose({"query", "text", "title", "bad_2", "bad_10"}, options);
  EXPECT_EQ(names_of(chosen), (Names{"text", "title", "bad_10", "bad_2"}));
  EXPECT_EQ(chosen.ignored, Names{"query"});
  EXPECT_THROW(choose({"text", "title", "bad_2"}, options), std::invalid_argument);
  const ColumnOptions by_place{.columns =
                                   parse_column_choices(Names{"text", "title", "bad_10", "bad_2"})};
  EXPECT_EQ(names_of(choose({"query", "text", "title", "bad_2", "bad_10"}, by_place)),
            names_of(chosen));
}

TEST(TrainingColumns, MalformedChoicesAreRefused) {
  for (const Names& words :
       {Names{}, Names{"query=a"}, Names{"positive=a"}, Names{"a"}, Names{"query=a", "positive=a"},
        Names{"query=a", "positive="}, Names{"query=a", "positive=b", "c"},
        Names{"query=a", "query=b", "positive=c"}, Names{"a", "b", "b"}, Names{"a", "", "b"},
        Names{"query=a", "positive=b", "negative=b"}}) {
    EXPECT_THROW(parse_column_choices(words), std::invalid_argument) << Json(words).dump();
  }
}

TEST(TrainingColumns, PylateRuleIsThatOfItsCollator) {
  for (const Json& entry : training_golden("columns")) {
    const TrainingColumns chosen = choose(entry[0], {.pylate_columns = true});
    ASSERT_EQ(chosen.columns.size(), entry[1].size()) << entry.dump();
    for (size_t i = 0; i < chosen.columns.size(); ++i) {
      EXPECT_EQ(chosen.columns[i].name, entry[1][i][0]);
      EXPECT_EQ(chosen.columns[i].kind == TextKind::query, entry[1][i][1]) << entry.dump();
    }
  }
}

TEST(TrainingColumns, PylateRuleWarnsOfAQuestionThatIsADocument) {
  const ColumnOptions options{.pylate_columns = true};
  const auto warnings = choose({"question", "answer", "negative"}, options).warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("'question'"), std::string::npos);
  EXPECT_EQ(choose({"query", "positive", "negative"}, options).warnings, Names{});
  EXPECT_EQ(choose({"query", "positive", "query_negative"}, options).warnings.size(), 1U);
  EXPECT_THROW(choose({"query", "document_id", "label"}, options), FormatError);
  EXPECT_THROW(
      choose({"query", "positive"}, {parse_column_choices(Names{"query", "positive"}), true}),
      std::invalid_argument);
}

TEST(TrainingColumns, NaturalOrderIsATotalOrder) {
  const Names ordered = {
      "",           "10",          "negative",    "negative_",   "negative_02",
      "negative_2", "negative_2a", "negative_10", "negative_a2", "negative_a10b"};
  for (size_t i = 0; i < ordered.size(); ++i) {
    for (size_t j = 0; j < ordered.size(); ++j) {
      EXPECT_EQ(natural_less(ordered[i], ordered[j]), i < j) << ordered[i] << ' ' << ordered[j];
    }
  }
  std::mt19937 random(3);
  Names names;
  for (int i = 0; i < 60; ++i) {
    std::string& name = names.emplace_back();
    for (int c = 0; c < 4; ++c) name += "01a:"[random() % 4];
  }
  for (const std::string& a : names) {
    for (const std::string& b : names) {
      EXPECT_EQ(natural_less(a, b) || natural_less(b, a), a != b);
      for (const std::string& c : names) {
        EXPECT_TRUE(!natural_less(a, b) || !natural_less(b, c) || natural_less(a, c));
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd
