// Runs with evaluations: what decides on the best model, and stops in the middle of one.
#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;

class EvaluatedRuns : public RunTest {
 protected:
  EvaluatedRuns() {
    write_rows("dev.jsonl", 6);
    write_rows("test.jsonl", 7);
    write_text(path("beir") / "corpus.jsonl",
               "{\"_id\": \"1\", \"text\": \"the red cat\"}\n"
               "{\"_id\": \"2\", \"text\": \"a blue dog runs\"}\n"
               "{\"_id\": \"3\", \"text\": \"hello world\"}\n");
    write_text(path("beir") / "queries.jsonl",
               "{\"_id\": \"q\", \"text\": \"red\"}\n{\"_id\": \"r\", \"text\": \"dog\"}\n");
    write_text(path("beir") / "qrels" / "test.tsv",
               "query-id\tcorpus-id\tscore\nq\t1\t1\nr\t2\t1\n");
  }

  /// Two of triplets, one of retrieval, and a loss.
  std::string evaluations(const std::string& more = "") const {
    return "eval_triplets: [" + path("dev.jsonl").string() + ", " + path("test.jsonl").string() +
           "]\neval_beir: " + path("beir").string() +
           "\neval_dataset: " + path("more.jsonl").string() +
           "\neval_strategy: steps\neval_steps: 2\n" + more;
  }
};

TEST_F(EvaluatedRuns, AMetricThatIsNotMeasuredIsToldBeforeTheFirstStep) {
  fs::remove(path("rows.jsonl"));  // before the data are read, even
  const std::string error =
      error_of(arguments("a", evaluations("metric_for_best_model: acuracy\n")));
  for (const char* part : {"metric_for_best_model", "'acuracy'", "dev_accuracy", "test_accuracy",
                           "beir_MaxSim_ndcg@10", "loss"}) {
    EXPECT_NE(error.find(part), std::string::npos) << error;
  }
  EXPECT_FALSE(fs::exists(path("a")));
}

TEST_F(EvaluatedRuns, EveryMetricThatIsMeasuredCanDecide) {
  for (const char* metric : {"eval_loss", "loss", "dev_accuracy", "eval_test_accuracy",
                             "beir_MaxSim_ndcg@10", "beir_MaxSim_accuracy@1"}) {
    SCOPED_TRACE(metric);
    Witness witness;
    run(arguments(
            "a", evaluations(std::string("overwrite_output_dir: true\nmax_steps: 2\nsave_steps: 2\n"
                                         "metric_for_best_model: '")
                                 .append(metric)
                                 .append("'\nload_best_model_at_end: true\n"))),
        witness);
    EXPECT_TRUE(fs::exists(path("a") / "final"));
  }
}

}  // namespace
}  // namespace maxsimd::training
