#include "maxsimd/card/model_card.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "maxsimd/card/card_testing.h"
#include "maxsimd/card/dataset_statistics.h"
#include "maxsimd/card/markdown_table.h"
#include "maxsimd/card/training_logs.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/colbert/colbert.h"

namespace maxsimd {
namespace {

using testing_support::expect_contains;
using testing_support::expect_lacks;
using testing_support::golden_json;
using testing_support::golden_text;
using testing_support::Json;
using testing_support::message_of;

const ColBERT& mini() {
  static const ColBERT model = ColBERT::load(MAXSIMD_SOURCE_DIR "/models/mini", {.num_threads = 1});
  return model;
}

ColumnValues values_of(const Json& values) {
  const Json& first = values.front();
  if (first.is_string()) return values.get<std::vector<std::string>>();
  if (first.is_number_integer()) return values.get<std::vector<int64_t>>();
  if (first.is_number()) return values.get<std::vector<double>>();
  if (first.front().is_string()) return values.get<std::vector<std::vector<std::string>>>();
  return values.get<std::vector<std::vector<double>>>();
}

void describe(const Json& rows, DatasetRecord& dataset) {
  std::vector<DatasetColumn> columns;
  for (const auto& column : rows) {
    columns.push_back({.name = column["name"].get<std::string>(),
                       .kind = column["kind"] == "query" ? TextKind::query : TextKind::document,
                       .values = values_of(column["values"])});
  }
  const auto count = [](const std::string& text, TextKind kind) -> uint64_t {
    return mini().tokenize(text, kind).num_attended;
  };
  describe_columns(columns, count, dataset);
}

// The record of a golden run, its data sets described from the rows PyLate had.
TrainingRecord golden_record(const std::string& name) {
  const std::string file = name + ".json";
  TrainingRecord record = parse_training_record(golden_text(file), file);
  if (record.train_datasets.empty()) return record;
  const Json rows = golden_json(name + ".rows.json");
  const bool named = record.train_datasets.size() > 1;
  for (DatasetRecord& dataset : record.train_datasets) {
    describe(rows[named ? "train/" + dataset.name : "train"], dataset);
  }
  for (DatasetRecord& dataset : record.eval_datasets) {
    describe(rows[named ? "eval/" + dataset.name : "eval"], dataset);
  }
  return record;
}

std::string card_of(const TrainingRecord& record, bool pylate = false) {
  return model_card(record, summarize_model(mini().checkpoint()), {.pylate = pylate});
}

// The card cut at its headings of the first three levels.
std::vector<std::string> sections_of(const std::string& card) {
  std::vector<std::string> sections(1);
  std::istringstream lines(card);
  for (std::string line; std::getline(lines, line);) {
    const bool is_heading =
        line.starts_with("# ") || line.starts_with("## ") || line.starts_with("### ");
    if (is_heading) sections.emplace_back();
    sections.back().append(line).append("\n");
  }
  return sections;
}

std::string section(const std::string& card, const std::string& heading) {
  for (const std::string& text : sections_of(card)) {
    if (text.starts_with(heading + "\n")) return text;
  }
  ADD_FAILURE() << "no section " << heading;
  return "";
}

void expect_pylates_card(const std::string& name) {
  const std::string theirs = golden_text(name + ".md");
  const std::string ours = card_of(golden_record(name), true);
  const auto their_sections = sections_of(theirs), our_sections = sections_of(ours);
  for (size_t i = 0; i < std::min(our_sections.size(), their_sections.size()); ++i) {
    EXPECT_EQ(our_sections[i], their_sections[i]) << "section " << i;
  }
  EXPECT_EQ(our_sections.size(), their_sections.size());
  EXPECT_TRUE(ours == theirs) << "white space at the end differs";
}

TEST(ModelCard, PylatesLetterForAnUntrainedModel) {
  expect_pylates_card("untrained");
}
TEST(ModelCard, PylatesLetterForATraining) {
  expect_pylates_card("trained");
}
TEST(ModelCard, PylatesLetterForAllThatACardCanHave) {
  expect_pylates_card("all");
}

std::vector<std::string> headings_of(const std::string& card) {
  std::vector<std::string> headings;
  for (const std::string& text : sections_of(card)) {
    if (text.starts_with("##")) headings.push_back(text.substr(0, text.find('\n')));
  }
  return headings;
}

TEST(ModelCard, HasPylatesSectionsInPylatesOrder) {
  for (const std::string name : {"untrained", "trained", "all"}) {
    std::vector<std::string> ours = headings_of(card_of(golden_record(name)));
    EXPECT_EQ(std::erase(ours, "### With maxsimd"), 1u);
    EXPECT_EQ(std::erase(ours, "### With PyLate"), 1u);
    EXPECT_EQ(ours, headings_of(golden_text(name + ".md"))) << name;
  }
}

// The numbers of the target card: evaluated before training, 12 loader workers, a log of losses.
TEST(ModelCard, TheTargetCardsShapes) {
  TrainingRecord record;
  record.base_model = "answerdotai/answerai-colbert-small-v1";
  record.train_datasets = {
      {.name = "", .size = 1893947, .loss = "pylate.losses.contrastive.Contrastive"}};
  record.train_datasets[0].columns = {
      {.name = "question"}, {.name = "answer"}, {.name = "negative"}};
  record.hyperparameters = {{"output_dir", "out", false},
                            {"eval_strategy", "steps", false},
                            {"learning_rate", "3e-06", false},
                            {"adam_epsilon", "1e-08", true},
                            {"dataloader_num_workers", "12", false},
                            {"mp_parameters", "", true}};
  record.evaluators = {
      {"pylate.evaluation.colbert_triplet.ColBERTTripletEvaluator", "", "accuracy"}};
  record.log = {EvaluatorLog{0, 0.0, 0, {{"accuracy", 0.5194000005722046}}},
                TrainLog{1, 0.00006756300, 3.319}, TrainLog{200, 0.0135126, 2.6741},
                TrainLog{400, 0.0270252, 0.61170}, TrainLog{1800, 0.1216134, 0.238}};
  const std::string before = card_of(record, true) + card_of(record);
  record.log.push_back(TrainSummaryLog{1801, 0.13, 5000, 180, 0.36, 1.25});  // is no part of it
  EXPECT_EQ(card_of(record, true) + card_of(record), before);
  const std::string letter = card_of(record, true), card = card_of(record);
  for (const std::string& text : {letter, card}) {
    expect_contains(text, "# PyLate model based on answerdotai/answerai-colbert-small-v1\n");
    expect_contains(text, "* Size: 1,893,947 training samples\n");
    expect_contains(text,
                    "<code>question</code>, <code>answer</code>, and <code>negative</code>\n");
    expect_contains(text,
                    "| Epoch  | Step | Training Loss | accuracy |\n"
                    "|:------:|:----:|:-------------:|:--------:|\n"
                    "| 0      | 0    | -             | 0.5194   |\n"
                    "| 0.0001 | 1    | 3.319         | -        |\n"
                    "| 0.0135 | 200  | 2.6741        | -        |\n"
                    "| 0.0270 | 400  | 0.6117        | -        |\n"
                    "| 0.1216 | 1800 | 0.238         | -        |\n");
    expect_contains(text, "\n| Metric       | Value      |\n");
    expect_contains(text, "| **accuracy** | **0.5194** |\n");
    expect_contains(text, "- `learning_rate`: 3e-06\n");
    expect_contains(text, "- `mp_parameters`: \n");
    expect_lacks(text, "output_dir");
  }
  expect_contains(letter, "'max_seq_length': 31,");
  expect_contains(card, "'max_seq_length': 299,");
  expect_contains(letter, "#### Col BERTTriplet\n\n* Evaluated with <code>pylate.evaluation.");
  expect_contains(card, "#### ColBERT Triplet\n\n* Evaluated with <code>pylate.evaluation.");
  expect_contains(letter, "96 tokens");
  expect_contains(card, "96 dimensions");
}

TEST(ModelCard, StatisticsAreInTheModeOfTraining) {
  const TrainingRecord record = golden_record("all");
  const std::string letter = section(card_of(record, true), "### Training Datasets");
  const std::string card = section(card_of(record), "### Training Datasets");
  expect_contains(letter, "max: 32 tokens</li></ul> | <ul><li>min: 3 tokens");
  expect_lacks(card, "max: 32 tokens</li></ul> | <ul><li>min: 3 tokens");
  // The price list of 40 sentences is cut at 300 tokens, the length of documents.
  expect_contains(card, "max: 300 tokens");
}

TEST(ModelCard, ALogHasOneRowAStepAndAColumnForEachEvaluator) {
  const TrainingRecord trained = golden_record("trained");
  expect_contains(training_logs(trained, false).table,
                  "| **1.3333** | **4** | **0.3298**    | **0.9575**      | **1.0**  |\n");
  EXPECT_EQ(training_logs(trained, false).num_rows, 7u);  // PyLate: 13
  const TrainingLogs logs = training_logs(golden_record("all"), false);
  EXPECT_EQ(logs.num_rows, 120u);
  expect_contains(logs.table, "| one accuracy | two accuracy | three accuracy |");
}

TEST(ModelCard, MetricsAreThoseOfTheWeightsThatWereKept) {
  TrainingRecord record = golden_record("trained");
  record.best_step = 2;  // accuracy 0.6667 there, 1.0 at the end
  expect_contains(card_of(record), "| **accuracy** | **0.6667** |\n");
  expect_contains(card_of(record, true), "| **accuracy** | **1.0** |\n");
}

// The target card's own mistake: a metric of step 0 as the model's.
TEST(ModelCard, MetricsOfOtherWeightsAreLeftOut) {
  TrainingRecord record = golden_record("trained");
  record.best_step.reset();
  record.step = 5;  // no evaluator ran then
  expect_lacks(card_of(record), "**accuracy**");
  expect_lacks(card_of(record), "model-index");
  expect_contains(card_of(record, true), "| **accuracy** |");
  record.step = 4;
  expect_contains(card_of(record), "| **accuracy** | **1.0** |\n");
}

TEST(ModelCard, TextsOfTheDataStandInTheCardAsTheyAre) {
  EXPECT_EQ(literal_cell("<b>a</b> & `c` *d* _e_ [f](g) | h \\ ~i~"),
            "&lt;b&gt;a&lt;/b&gt; &amp; \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\| h \\\\ \\~i\\~");
  EXPECT_EQ(literal_cell("a\nb\r\nc\rd\u2028e\tf"), "a<br>b<br>c<br>d<br>e f");
  EXPECT_EQ(literal_line("a\nb|c_d"), "a b\\|c_d");
  EXPECT_EQ(pylate_cell("<b>|\n\r"), "<b>\\|<br>\r");
}

TEST(ModelCard, TablesAreAsWideAsTheirCodePoints) {
  EXPECT_EQ(markdown_table({"", "é"}, {{"東🌾", "x"}}, TableAlign::left),
            "|    | é |\n|:---|:--|\n| 東🌾 | x |\n");
  EXPECT_EQ(markdown_table({"a"}, {{"bc"}}, TableAlign::center), "| a  |\n|:--:|\n| bc |\n");
}

TEST(ModelCard, OursSaysLicencesLossParametersTimeAndLinks) {
  TrainingRecord record = golden_record("trained");
  record.train_datasets[0].name = "made_up | *texts* <of> _mine_";
  record.train_datasets[0].link = "https://example.org/texts";
  record.train_datasets[0].license = "cc-by-4.0";
  record.train_datasets[0].loss_parameters = {{"temperature", "0.05"}, {"size_average", "true"}};
  record.seconds = 3725.4;
  record.hardware = "two cores";
  const std::string card = card_of(record), letter = card_of(record, true);
  expect_contains(card, "\n* License: cc-by-4.0\n");
  expect_contains(card,
                  "[made_up \\| \\*texts\\* &lt;of&gt; \\_mine\\_](https://example.org/texts)");
  expect_contains(card,
                  "* Loss: <code>pylate.losses.contrastive.Contrastive</code> with these "
                  "parameters:\n  ```json\n  {\n      \"temperature\": 0.05,\n"
                  "      \"size_average\": true\n  }\n  ```\n");
  expect_contains(card, "- **Duration:** 1 h 2 min 5 s\n- **Hardware:** two cores\n");
  for (const char* part : {"cc-by-4.0", "example.org", "temperature", "Duration"}) {
    expect_lacks(letter, part);
  }
}

TEST(ModelCard, ABaseModelThatIsNoHubIdIsNamedWithoutALink) {
  TrainingRecord record;
  record.base_model = "mini";
  expect_contains(card_of(record), "\n- **Base model:** mini\n");
  expect_contains(card_of(record), "model finetuned from mini. It maps");
  expect_lacks(card_of(record), "base_model:");
  expect_contains(card_of(record, true), "<!-- - **Base model:** [Unknown]");
}

TEST(ModelCard, SaysWhatTheOptionsSayInPlaceOfTheRecord) {
  TrainingRecord record;
  record.model_name = "Before";
  record.license = "mit";
  const CardOptions options{.model_name = "After",
                            .model_id = "some/where",
                            .language = {"en", "de"},
                            .license = "apache-2.0"};
  const std::string card = model_card(record, ModelSummary{}, options);
  expect_contains(card, "language:\n- en\n- de\nlicense: apache-2.0\n");
  expect_contains(card, "# After\n");
  expect_contains(card, "some/where");
  expect_contains(card, "- **License:** apache-2.0\n");
  expect_lacks(card, "Before");
}

TEST(ModelCard, ABadRecordIsRefused) {
  TrainingRecord record;
  record.license = "two\nlines";
  EXPECT_EQ(message_of<std::invalid_argument>([&] { card_of(record); }),
            "model card: license: expected one line without control characters");
}

}  // namespace
}  // namespace maxsimd
