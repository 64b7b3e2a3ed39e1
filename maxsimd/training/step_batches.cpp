#include "maxsimd/training/step_batches.h"

#include <stdexcept>

#include "maxsimd/base/errors.h"

namespace maxsimd::training {

StepInput StepBatches::next(RunPosition& at) {
  if (loader_ == nullptr) open_epoch(at);
  const auto accumulation =
      static_cast<size_t>(setup_.arguments.length.gradient_accumulation_steps);
  StepInput step;
  while (step.batches.size() < accumulation && !step.epoch_ends) {
    step.batches.push_back(loader_->next().value());
    step.epoch_ends = ++at.batch == num_batches_;
  }
  if (step.epoch_ends) {
    ++at.epoch;
    at.batch = 0;
    loader_.reset();
  }
  return step;
}

void StepBatches::open_epoch(const RunPosition& at) {
  std::vector<BatchRows> batches = shard_batches(
      epoch_batches(setup_.train_sizes, at.epoch, setup_.sampler), setup_.sampler, setup_.shard);
  num_batches_ = batches.size();
  if (num_batches_ == 0) {
    throw std::invalid_argument(
        "train_dataset: no batch can be filled with rows that share no text; a smaller "
        "per_device_train_batch_size, or no dataloader_drop_last, may help");
  }
  if (at.batch >= num_batches_) {
    throw FormatError((checkpoint_ / "trainer_state.json").string() + ": batch: expected below " +
                      std::to_string(num_batches_) + ", the batches of epoch " +
                      std::to_string(at.epoch) + ", got " + std::to_string(at.batch) +
                      "; the data are not those of the checkpoint, or it is damaged");
  }
  batches.erase(batches.begin(), batches.begin() + static_cast<ptrdiff_t>(at.batch));
  loader_ = std::make_unique<BatchLoader>(setup_.model, setup_.train, std::move(batches));
}

}  // namespace maxsimd::training
