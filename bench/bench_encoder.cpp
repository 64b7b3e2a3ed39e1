// Times encoders alone: tokens a second over texts of one length, and the share of the core's peak
// (kernels/peak.h) in the same run. bench/make_seeded_model.py --shape makes models to time.
//
//   bench_encoder MODEL... [--lengths 32,300,2048,8192] [--precisions f32,bf16,int8] [--threads 1]
//
// `linear` counts the operations of the layers' big products, `all` those of attention too. With
// one thread, processor time: what other programs take meanwhile does not count. Rounds go through
// all models and precisions in turn, so that what disturbs the machine disturbs all of them.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "bench/peak.h"
#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/encoder/encoder.h"
#include "maxsimd/encoder/modernbert_config.h"
#include "maxsimd/kernels/peak.h"

namespace maxsimd::bench {
namespace {

struct Settings {
  std::vector<std::string> models;
  std::vector<size_t> lengths = {32, 300, 2048, 8192};
  std::vector<std::string> precisions = {"f32", "bf16", "int8"};
  size_t threads = 1, rounds = 3, tokens = 2048;
};

/// One model in one precision.
struct Subject {
  std::string name;
  Precision precision;
  std::unique_ptr<Encoder> encoder;
  std::vector<size_t> spans;  // of each layer, the most keys a row looks at; SIZE_MAX: all

  /// A token of a text of that length.
  double attention_operations(size_t length) const {
    double keys = 0;
    for (const size_t span : spans) keys += static_cast<double>(std::min(span, length));
    return 4.0 * static_cast<double>(encoder->shape().hidden_size) * keys;
  }
  double linear_operations() const {
    return 2.0 * static_cast<double>(encoder->shape().num_linear_weights);
  }
};

Subject load(const std::string& folder, const std::string& precision) {
  const Checkpoint checkpoint = load_checkpoint(folder);
  Subject subject{.name = std::filesystem::path(folder).filename().string(),
                  .precision = *precision_from_name(precision)};
  subject.encoder = load_encoder(checkpoint, {.precision = subject.precision});
  const EncoderShape& shape = subject.encoder->shape();
  subject.spans.assign(shape.num_layers, static_cast<size_t>(-1));
  if (shape.model_type == "modernbert") {
    const ModernBertConfig config = parse_modernbert_config(checkpoint.config_text, folder);
    for (size_t i = 0; i < shape.num_layers; ++i) {
      if (!config.is_global[i]) subject.spans[i] = 2 * config.window + 1;
    }
  }
  return subject;
}

double peak_operations(Precision precision) {
  const kernels::Isa isa = kernels::best_isa();
  const auto loop = precision == Precision::f32    ? kernels::peak_loop_f32(isa)
                    : precision == Precision::bf16 ? kernels::peak_loop_bf16(isa)
                                                   : kernels::peak_loop_i8(isa);
  return loop ? loop->operations / best_seconds(200, [&] { loop->run(); }) : 0.0;
}

/// Seconds of a pass over texts of `length` tokens, at least settings.tokens in all.
class Timer {
 public:
  explicit Timer(const Settings& settings) : settings_(settings), pool_(settings.threads) {}

  size_t num_texts(size_t length) const { return std::max<size_t>(settings_.tokens / length, 1); }

  double seconds(const Subject& subject, size_t length) {
    std::vector<int32_t> ids(num_texts(length) * length);
    std::vector<Sequence> sequences;
    const size_t vocabulary = subject.encoder->shape().vocab_size - kSpecialIds;
    for (int32_t& id : ids)
      id = static_cast<int32_t>(kSpecialIds + next_id_++ * kStep % vocabulary);
    for (size_t i = 0; i < num_texts(length); ++i) {
      sequences.push_back({i * length, length, length});
    }
    const auto wall = std::chrono::steady_clock::now();
    const double processor = thread_seconds();
    subject.encoder->forward({ids, sequences}, workspace_, pool_);
    return settings_.threads == 1 ? thread_seconds() - processor : seconds_since(wall);
  }

 private:
  // All over the vocabulary, and others in each pass: a large one is not in the cache.
  static constexpr size_t kSpecialIds = 10;
  static constexpr size_t kStep = 1'000'003;

  const Settings& settings_;
  size_t next_id_ = 0;
  ThreadPool pool_;
  EncoderWorkspace workspace_;
};

void report(const std::vector<Subject>& subjects, const Settings& settings, size_t length) {
  Timer timer(settings);
  std::vector<double> best(subjects.size(), 1e30), peak(subjects.size(), 0.0);
  for (size_t round = 0; round <= settings.rounds; ++round) {
    for (size_t i = 0; i < subjects.size(); ++i) {
      const double seconds = timer.seconds(subjects[i], length);
      if (round == 0) continue;  // memory is asked of the system
      best[i] = std::min(best[i], seconds);
      peak[i] = std::max(peak[i], peak_operations(subjects[i].precision));
    }
  }
  const auto tokens = static_cast<double>(timer.num_texts(length) * length);
  const auto threads = static_cast<double>(settings.threads);
  for (size_t i = 0; i < subjects.size(); ++i) {
    const Subject& subject = subjects[i];
    const double linear = subject.linear_operations() * tokens / best[i];
    const double attention = subject.attention_operations(length) * tokens / best[i];
    std::printf(
        "%-18s %-4s %5zu tokens: %8.0f tokens/s   of %7.0f GOP/s: linear %5.1f %%  all %5.1f %%\n",
        subject.name.c_str(), std::string(precision_name(subject.precision)).c_str(), length,
        tokens / best[i], threads * peak[i] / 1e9, 100.0 * linear / (threads * peak[i]),
        100.0 * (linear + attention) / (threads * peak[i]));
  }
}

void run(const Settings& settings) {
  std::vector<Subject> subjects;
  for (const std::string& precision : settings.precisions) {
    for (const std::string& model : settings.models) subjects.push_back(load(model, precision));
  }
  for (const size_t length : settings.lengths) {
    std::vector<Subject> fitting;
    for (Subject& subject : subjects) {
      if (length <= subject.encoder->shape().max_positions) fitting.push_back(std::move(subject));
    }
    report(fitting, settings, length);
    subjects = std::move(fitting);  // lengths ascend
  }
}

}  // namespace
}  // namespace maxsimd::bench

int main(int argc, char** argv) {
  maxsimd::bench::Settings settings;
  CLI::App app{"Times encoders over texts of one length"};
  app.add_option("MODEL", settings.models)->required();
  app.add_option("--lengths", settings.lengths, "ascending")->delimiter(',');
  app.add_option("--precisions", settings.precisions)
      ->delimiter(',')
      ->check(CLI::IsMember({"f32", "bf16", "int8"}));
  app.add_option("--threads", settings.threads);
  app.add_option("--rounds", settings.rounds);
  app.add_option("--tokens", settings.tokens, "of a pass, at least");
  CLI11_PARSE(app, argc, argv);
  std::sort(settings.lengths.begin(), settings.lengths.end());
  maxsimd::bench::run(settings);
}
