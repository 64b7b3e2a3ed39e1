#include "maxsimd/training/position_check.h"

#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/card/checkpoint_name.h"
#include "maxsimd/hyperparameters/step_rules.h"
#include "maxsimd/training/checkpoint_files.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

class PositionCheck {
 public:
  PositionCheck(const RunPosition& at, const RunSetup& setup, const fs::path& folder)
      : at_(at), setup_(setup), folder_(folder) {}

  void check() const {
    check_step();
    check_batch();
    check_samples();
    check_best();
  }

 private:
  [[noreturn]] void fail(const std::string& field, const std::string& expected,
                         uint64_t got) const {
    throw FormatError((folder_ / kStateName).string() + ": " + field + ": expected " + expected +
                      ", got " + std::to_string(got) +
                      "; the data are not those of the checkpoint, or it is damaged: go on from "
                      "another");
  }

  void check_step() const {
    const auto named = checkpoint_step(folder_.filename().string());
    if (named.has_value() && *named != at_.step) {
      fail("global_step", std::to_string(*named) + ", that of the folder", step());
    }
    if (at_.step > setup_.total_steps) {
      fail("global_step", "at most " + std::to_string(setup_.total_steps) + ", all steps", step());
    }
  }

  // A step is so many batches, the last one of an epoch maybe fewer.
  void check_batch() const {
    if (at_.batch >= setup_.epoch_batches) {
      fail("batch",
           "below " + std::to_string(setup_.epoch_batches) + ", the batches of epoch " +
               std::to_string(at_.epoch),
           at_.batch);
    }
    const std::string of_step = ", as global_step " + std::to_string(at_.step) + " says";
    uint64_t epoch = 0, left = step();
    for (uint64_t steps; (steps = steps_of(epoch)) <= left; ++epoch) {
      if (steps == 0) return;  // no batch can be drawn; whoever draws one tells why
      left -= steps;
    }
    if (at_.epoch != epoch) fail("epoch", std::to_string(epoch) + of_step, at_.epoch);
    const uint64_t batch = left * accumulated();
    if (at_.batch != batch) fail("batch", std::to_string(batch) + of_step, at_.batch);
  }

  // Those that no_duplicates makes short are counted by drawing them.
  uint64_t steps_of(uint64_t epoch) const {
    uint64_t batches = setup_.epoch_batches;
    if (setup_.sampler.batch_sampler == BatchSampler::kNoDuplicates) {
      batches = shard_batches(epoch_batches(setup_.train_sizes, epoch, setup_.sampler),
                              setup_.sampler, setup_.shard)
                    .size();
    }
    return static_cast<uint64_t>(
        steps_per_epoch(batches, setup_.arguments.length.gradient_accumulation_steps));
  }

  void check_samples() const {
    const uint64_t most = step() * accumulated() * setup_.sampler.batch_size *
                          static_cast<uint64_t>(setup_.processes.size());
    if (at_.samples >= step() && at_.samples <= most) return;
    fail("samples",
         "from " + std::to_string(at_.step) + " to " + std::to_string(most) +
             ", as global_step says",
         at_.samples);
  }

  void check_best() const {
    if (at_.best_step.has_value() != at_.best_metric.has_value()) {
      throw FormatError((folder_ / kStateName).string() +
                        ": best_metric: expected a number where best_global_step is one, and null "
                        "where it is null; the checkpoint is damaged, go on from another");
    }
    if (!at_.best_step.has_value() || *at_.best_step <= at_.evaluated_step) return;
    fail("best_global_step",
         "at most " + std::to_string(at_.evaluated_step) + ", the last step that was evaluated",
         static_cast<uint64_t>(*at_.best_step));
  }

  uint64_t step() const { return static_cast<uint64_t>(at_.step); }
  uint64_t accumulated() const {
    return static_cast<uint64_t>(setup_.arguments.length.gradient_accumulation_steps);
  }

  const RunPosition& at_;
  const RunSetup& setup_;
  const fs::path& folder_;
};

}  // namespace

void check_position(const RunState& state, const RunSetup& setup, const fs::path& folder) {
  PositionCheck(state.position, setup, folder).check();
}

}  // namespace maxsimd::training
