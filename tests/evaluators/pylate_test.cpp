// PyLate's own evaluators on models/mini (scripts/goldens/evaluators_pylate.py) beside ours:
// classes, metric names and their order, values, and the CSV files after two calls.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "maxsimd/base/json.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/evaluation/evaluator_testing.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

// PyLate computes in float32 and averages triplets in it.
constexpr double kTolerance = 1e-6;
// The divergence follows the scores themselves.
constexpr double kDivergenceTolerance = 2e-5;

const Json& golden() {
  static const Json json =
      read_json_file(MAXSIMD_SOURCE_DIR "/tests/evaluators/testdata/pylate.json");
  return json;
}

std::string json_lines(const Json& rows) {
  std::string text;
  for (const Json& row : rows) text.append(row.dump()).append("\n");
  return text;
}

// {id: text} in the order of "d2" before "d10", as it was made.
std::string records(const Json& texts) {
  std::vector<std::string> ids;
  for (const auto& [id, text] : texts.items()) ids.push_back(id);
  std::ranges::stable_sort(ids, {}, [](const std::string& id) { return std::stoi(id.substr(1)); });
  Json rows = Json::array();
  for (const std::string& id : ids) rows.push_back({{"_id", id}, {"text", texts.at(id)}});
  return json_lines(rows);
}

// The golden file's data as files: t.jsonl, kd.jsonl, SET/corpus.jsonl ...
class PyLateEvaluators : public testing::Test {
 protected:
  PyLateEvaluators() {
    const Json& data = golden().at("data");
    folder_.write("t.jsonl", json_lines(data.at("triplets")));
    folder_.write("kd.jsonl", json_lines(data.at("distillation")));
    for (const auto& [name, set] : data.at("sets").items()) {
      Json qrels = Json::array();
      for (const auto& [query, relevant] : set.at("relevant").items()) {
        if (!relevant.empty()) qrels.push_back({{"query-id", query}, {"corpus-id", relevant}});
      }
      const std::string place = "sets/" + name + "/";
      folder_.write(place + "corpus.jsonl", records(set.at("corpus")));
      folder_.write(place + "queries.jsonl", records(set.at("queries")));
      folder_.write(place + "qrels.jsonl", json_lines(qrels));
      write_beir_qrels(place + "qrels/test.tsv", set.at("relevant"));
    }
  }

  void write_beir_qrels(const std::string& file, const Json& relevant) {
    std::string text = "query-id\tcorpus-id\tscore\n";
    for (const auto& [query, documents] : relevant.items()) {
      for (const Json& id : documents) {
        text.append(query).append("\t").append(id.get<std::string>()).append("\t1\n");
      }
    }
    folder_.write(file, text);
  }

  std::string place(const std::string& name) const { return (folder_.path() / name).string(); }

  void expect_as_pylate(const std::string& name, const Json& spec) {
    const Json& expected = golden().at("results").at(name);
    const auto evaluator = make_evaluator(evaluator_spec_of(spec));
    EXPECT_EQ(evaluator->class_path(), expected.at("class_path")) << name;
    if (expected.at("primary_metric").is_string()) {
      EXPECT_EQ(evaluator->primary_metric(), expected.at("primary_metric")) << name;
    }
    const TestFolder out;
    EvaluationContext context{.epoch = 0.25, .steps = 40, .output_path = out.path()};
    evaluator->evaluate(encode(), model().pool(), context);
    context.epoch = -1;
    context.steps = -1;
    const EvaluationResult result = evaluator->evaluate(encode(), model().pool(), context);
    expect_metrics(name, expected.at("metrics"), result.values);
    EXPECT_EQ(names_of(result.values), evaluator->metric_names()) << name;
    expect_files(name, expected.at("csv"), out.path());
  }

 private:
  static const ColBERT& model() {
    static const ColBERT loaded =
        ColBERT::load(MAXSIMD_SOURCE_DIR "/models/mini", {.num_threads = 2});
    return loaded;
  }

  static EncodeFn encode() {
    return [](std::span<const std::string> texts, TextKind kind) {
      return model().encode(texts, kind);
    };
  }

  static double tolerance(const std::string& name) {
    return name.find("distillation") == std::string::npos ? kTolerance : kDivergenceTolerance;
  }

  static void expect_metrics(const std::string& name, const Json& expected,
                             const MetricValues& got) {
    ASSERT_EQ(got.size(), expected.size()) << name;
    for (size_t m = 0; m < got.size(); ++m) {
      EXPECT_EQ(got[m].name, expected[m][0]) << name;
      EXPECT_NEAR(got[m].value, expected[m][1].get<double>(), tolerance(name))
          << name << ": " << got[m].name;
    }
  }

  // The bytes are the same but for the last digits of numbers.
  static void expect_files(const std::string& name, const Json& expected,
                           const std::filesystem::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.insert(entry.path().filename().string());
    }
    ASSERT_EQ(files.size(), expected.size()) << name;
    for (const auto& [file, content] : expected.items()) {
      const std::vector<std::string> want = cells_of(content.get<std::string>());
      const std::vector<std::string> got = cells_of(text_of(folder / file));
      ASSERT_EQ(got.size(), want.size()) << name << " " << file;
      for (size_t c = 0; c < got.size(); ++c) {
        if (got[c] == want[c]) continue;
        EXPECT_NEAR(std::stod(got[c]), std::stod(want[c]), tolerance(name)) << name << " " << file;
      }
    }
  }

  // Cells, and the bytes between them as cells of their own.
  static std::vector<std::string> cells_of(const std::string& text) {
    std::vector<std::string> cells(1);
    for (const char c : text) {
      if (c == ',' || c == '\r' || c == '\n') {
        cells.emplace_back(1, c);
        cells.emplace_back();
      } else {
        cells.back().push_back(c);
      }
    }
    return cells;
  }

  TestFolder folder_;
};

TEST_F(PyLateEvaluators, Triplets) {
  expect_as_pylate("triplet", "triplet:" + place("t.jsonl"));
  expect_as_pylate("triplet_dev",
                   {{"type", "triplet"}, {"file", place("t.jsonl")}, {"name", "dev"}});
}

TEST_F(PyLateEvaluators, Distillation) {
  expect_as_pylate("distillation", "distillation:" + place("kd.jsonl"));
  expect_as_pylate(
      "distillation_raw",
      {{"type", "distillation"}, {"file", place("kd.jsonl")}, {"normalize_scores", false}});
}

TEST_F(PyLateEvaluators, Retrieval) {
  expect_as_pylate("retrieval", "ir:" + place("sets/nq"));
  expect_as_pylate("retrieval_cutoffs", {{"type", "PyLateInformationRetrievalEvaluator"},
                                         {"folder", place("sets/nq")},
                                         {"name", ""},
                                         {"mrr_at_k", {2, 50}},
                                         {"ndcg_at_k", {3, 20}},
                                         {"accuracy_at_k", {2}},
                                         {"precision_recall_at_k", {1, 15}},
                                         {"map_at_k", {2, 7}},
                                         {"corpus_chunk_size", 13}});
}

TEST_F(PyLateEvaluators, NanoBeir) {
  expect_as_pylate(
      "nano_beir",
      {{"type", "nanobeir"}, {"folder", place("sets")}, {"dataset_names", {"scifact", "nq"}}});
}

TEST_F(PyLateEvaluators, Sequence) {
  expect_as_pylate("sequence", {"ir:" + place("sets/nq"), "triplet:" + place("t.jsonl")});
}

}  // namespace
}  // namespace maxsimd
