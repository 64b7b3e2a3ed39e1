#include "cli/bench_measure.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/process_memory.h"
#include "maxsimd/colbert/encoding_stream.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/kernels/peak.h"

namespace maxsimd::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// The measurements of one loaded model.
class Measuring {
 public:
  Measuring(const ColBERT& model, const BenchTexts& texts, double seconds)
      : model_(model), texts_(texts), seconds_(seconds) {}

  void documents(Figures& figures) const {
    // The second of two times tells how many texts fill the time: in the first one pages are asked
    // of the system.
    const size_t few = 4 * model_.pool().num_threads();
    encode_documents(few);
    const double rate = static_cast<double>(few) / encode_documents(few).seconds;
    const auto count = static_cast<size_t>(std::min(rate * seconds_, 1e9));
    const Encoded encoded = encode_documents(std::max(count, few));
    figures["document_tokens"] = encoded.tokens / static_cast<double>(encoded.texts);
    figures["documents_tokens_per_second"] = encoded.tokens / encoded.seconds;
  }

  // REQUIRES: documents() came before.
  void peak(Figures& figures) const {
    const auto loop = peak_loop();
    if (!loop) return;
    const double operations = operations_per_second(*loop);
    const double needed = 2.0 * static_cast<double>(model_.encoder_shape().num_linear_weights) *
                          figures.at("documents_tokens_per_second");
    figures["peak_gops"] = operations / 1e9;
    figures["peak_share"] = needed / operations;
  }

  void queries(Figures& figures) const {
    size_t count = 0;
    const auto start = Clock::now();
    do {
      model_.encode_queries(texts_.queries);
      count += texts_.queries.size();
    } while (seconds_since(start) < seconds_);
    figures["queries_per_second"] = static_cast<double>(count) / seconds_since(start);
  }

  void single_queries(Figures& figures) const {
    constexpr size_t kFewest = 20;  // for a 95th percentile
    std::vector<double> milliseconds;
    const auto start = Clock::now();
    for (size_t i = 0; i < kFewest || seconds_since(start) < seconds_; ++i) {
      const auto asked = Clock::now();
      model_.encode_queries(std::span(&texts_.queries[i % texts_.queries.size()], 1));
      milliseconds.push_back(seconds_since(asked) * 1000);
    }
    figures["query_ms_p50"] = quantile(milliseconds, 0.5);
    figures["query_ms_p95"] = quantile(milliseconds, 0.95);
  }

 private:
  struct Encoded {
    size_t texts = 0;
    double tokens = 0;
    double seconds = 0;
  };

  Encoded encode_documents(size_t count) const {
    const auto text = [&](size_t i) { return texts_.documents[i % texts_.documents.size()]; };
    const auto start = Clock::now();
    EncodingStream stream(model_, TextKind::document, {}, [](EncodedPiece&) {});
    for (size_t i = 0; i < count; ++i) stream.push(text(i));
    stream.finish();
    Encoded encoded{.texts = count, .seconds = seconds_since(start)};
    for (size_t i = 0; i < count; ++i) {
      encoded.tokens +=
          static_cast<double>(model_.tokenize(text(i), TextKind::document).ids.size());
    }
    return encoded;
  }

  std::optional<kernels::PeakLoop> peak_loop() const {
    switch (model_.precision()) {
      case Precision::f32:
        return kernels::peak_loop_f32(model_.isa());
      case Precision::bf16:
        return kernels::peak_loop_bf16(model_.isa());
      case Precision::int8:
        return kernels::peak_loop_i8(model_.isa());
    }
    return std::nullopt;
  }

  // Of all threads together, in the quickest of some rounds: what disturbs a round makes it slower.
  double operations_per_second(const kernels::PeakLoop& loop) const {
    constexpr size_t kRounds = 20;
    constexpr size_t kRunsPerThread = 8;  // so that threads start and end together, nearly
    const size_t runs = kRunsPerThread * model_.pool().num_threads();
    double best = std::numeric_limits<double>::max();
    for (size_t round = 0; round < kRounds; ++round) {
      const auto start = Clock::now();
      model_.pool().parallel_for(runs, [&](size_t, size_t) { loop.run(); });
      best = std::min(best, seconds_since(start));
    }
    return loop.operations * static_cast<double>(runs) / best;
  }

  const ColBERT& model_;
  const BenchTexts& texts_;
  double seconds_;
};

Figures measure_all_threads(const BenchPlan& plan, const BenchTexts& texts,
                            const std::function<void()>& on_measured) {
  Figures figures;
  const auto start = Clock::now();
  const ColBERT model = ColBERT::load(plan.model, plan.options);
  figures["load_seconds"] = seconds_since(start);
  const Measuring measuring(model, texts, plan.seconds);
  measuring.documents(figures);
  measuring.peak(figures);
  on_measured();
  measuring.queries(figures);
  on_measured();
  measuring.single_queries(figures);
  on_measured();
  figures["peak_memory_bytes"] = static_cast<double>(process_memory_bytes("VmHWM"));
  return figures;
}

Figures measure_one_thread(const BenchPlan& plan, const BenchTexts& texts,
                           const std::function<void()>& on_measured) {
  ColbertOptions options = plan.options;
  options.num_threads = 1;
  const ColBERT model = ColBERT::load(plan.model, options);
  const Measuring measuring(model, texts, plan.seconds);
  Figures figures;
  measuring.documents(figures);
  measuring.peak(figures);
  on_measured();
  measuring.single_queries(figures);
  on_measured();
  return figures;
}

}  // namespace

size_t num_measurements(size_t num_threads) {
  return num_threads == 1 ? 3 : 5;
}

Figures measure(const BenchPlan& plan, const BenchTexts& texts,
                const std::function<void()>& on_measured) {
  Figures figures = measure_all_threads(plan, texts, on_measured);
  if (plan.options.num_threads == 1) return figures;
  for (const auto& [name, value] : measure_one_thread(plan, texts, on_measured)) {
    figures[name + kOneThread] = value;
  }
  return figures;
}

}  // namespace maxsimd::cli
