// The traces of ../shared/train-trace, made by PyLate 1.6.0 from models/mini: 20 steps of AdamW on
// the same batches, without dropout. Loss of every step, norm of every gradient of the first.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "maxsimd/base/json.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/training/adamw.h"
#include "maxsimd/training/objective.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

fs::path shared() {
  const char* from_environment = std::getenv("MAXSIMD_SHARED");
  return from_environment != nullptr ? from_environment : MAXSIMD_SOURCE_DIR "/../shared";
}

std::unordered_map<std::string, std::string> read_texts(const char* file) {
  std::unordered_map<std::string, std::string> texts;
  read_documents(shared() / "data" / "scifact" / file, {},
                 [&](Record& record) { texts[record.id] = document_text(record); });
  return texts;
}

struct Trace {
  const char* file;
  size_t document_length = 32;
  bool bf16 = false;
  double loss_tolerance = 0;  // relative, of each step: what machines differ by, with room
  double norm_tolerance = 0;  // the same of the norms of the gradients
};

// Without it the name of a test would hold addresses.
void PrintTo(const Trace& trace, std::ostream* out) {
  *out << trace.file;
}

class TrainTrace : public testing::TestWithParam<Trace> {
 protected:
  void SetUp() override {
    if (!fs::exists(shared() / "train-trace")) {
      GTEST_SKIP() << "SKIPPED: " << shared() / "train-trace"
                   << " is not here; PyLate's training untested";
    }
    trace_ = read_json_file(shared() / "train-trace" / GetParam().file);
    queries_ = read_texts("queries.jsonl");
    documents_ = read_texts("corpus.jsonl");
  }

  at::Tensor loss(const ColBERT& model, const ColbertModel& trained,
                  const nlohmann::json& rows) const {
    TokenizedBatch batch;
    batch.columns.resize(3);
    for (const auto& row : rows) {
      for (size_t column = 0; column < 3; ++column) {
        const std::string id = row.at(column).get<std::string>();
        batch.columns[column].push_back(
            column == 0 ? model.tokenize(queries_.at(id), TextKind::query)
                        : model.tokenize(documents_.at(id), TextKind::document));
      }
    }
    const bool bf16 = GetParam().bf16;
    BatchEmbeddings embeddings =
        embed_batch(trained, batch, {.precision = bf16 ? Precision::bf16 : Precision::f32});
    if (bf16) {  // the traces put the whole loss under autocast, the product does not
      embeddings.queries.values = embeddings.queries.values.to(at::kBFloat16).to(at::kFloat);
      embeddings.documents.values = embeddings.documents.values.to(at::kBFloat16).to(at::kFloat);
    }
    return loss_of(embeddings, {.document_length = GetParam().document_length});
  }

  nlohmann::json trace_;
  std::unordered_map<std::string, std::string> queries_, documents_;
};

// The norm of each parameter's gradient in the first step.
void expect_first_gradients(const Parameters& parameters) {
  const nlohmann::json golden =
      read_json_file(shared() / "train-trace" / "step0.json").at("grad_norm");
  // The gradient of a key's bias is 0 but for rounding: it moves all scores of a row alike.
  const double floor = 1e-5;
  for (const Parameter& parameter : parameters.all()) {
    const std::string name = parameter.name.starts_with("1_Dense.")
                                 ? "1." + parameter.name.substr(8)
                                 : "0.auto_model." + parameter.name;
    ASSERT_TRUE(golden.contains(name)) << name;
    const double want = golden.at(name).get<double>();
    const double norm = at::linalg_vector_norm(parameter.tensor.grad()).item<double>();
    EXPECT_NEAR(norm, want, std::max(want * 1e-3, floor)) << name;
  }
  EXPECT_EQ(parameters.all().size(), golden.size());
}

TEST_P(TrainTrace, LossesAreThoseOfPyLate) {
  const Trace& expected = GetParam();
  const ColBERT model = ColBERT::load(
      shared() / "models" / "mini", {.checkpoint = {.document_length = expected.document_length}});
  ColbertModel trained(model);
  AdamW optimizer(trained.parameters(), {});
  for (size_t step = 0; step < trace_.at("batches").size(); ++step) {
    trained.parameters().clear_gradients();
    const at::Tensor value = loss(model, trained, trace_.at("batches")[step]);
    value.backward();
    const bool is_recorded = expected.document_length == 32 && !expected.bf16;
    if (step == 0 && is_recorded) expect_first_gradients(trained.parameters());
    const double norm = trained.parameters().gradient_norm().item<double>();
    const double want = trace_.at("loss")[step].get<double>();
    const double want_norm = trace_.at("grad_norm")[step].get<double>();
    EXPECT_NEAR(value.item<double>(), want, want * expected.loss_tolerance) << "step " << step;
    EXPECT_NEAR(norm, want_norm, want_norm * expected.norm_tolerance) << "step " << step;
    optimizer.step(trace_.at("settings").at("lr").get<double>());
  }
}

std::string name_of(const testing::TestParamInfo<Trace>& info) {
  return "Documents" + std::to_string(info.param.document_length) +
         (info.param.bf16 ? "Bf16" : "F32");
}

INSTANTIATE_TEST_SUITE_P(
    PyLate, TrainTrace,
    testing::Values(Trace{"m6-doc32-fp32-nodropout.json", 32, false, 2e-5, 3e-4},
                    Trace{"m6-doc180-fp32-nodropout.json", 180, false, 1e-3, 1e-2},
                    Trace{"m6-doc32-bf16-nodropout.json", 32, true, 2e-2, 5e-2},
                    Trace{"m6-doc180-bf16-nodropout.json", 180, true, 2e-2, 2e-1}),
    name_of);

}  // namespace
}  // namespace maxsimd::training
