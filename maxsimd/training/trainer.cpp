#include "maxsimd/training/trainer.h"

#include <ATen/Parallel.h>

#include <thread>

#include "maxsimd/training/run.h"

namespace maxsimd::training {
namespace {

/// Threads of this process: as asked for, else its share of the machine's.
size_t num_threads(const DeviceArguments& devices) {
  if (devices.threads > 0) return devices.threads;
  const auto processes = static_cast<size_t>(num_local_processes());
  return std::max<size_t>(1, std::thread::hardware_concurrency() / processes);
}

}  // namespace

TrainingOutcome train(const HyperparameterSet& hyperparameters, TrainingListener& listener,
                      const std::atomic<bool>& stop) {
  TrainingArguments arguments = training_arguments(hyperparameters);
  check_can_train(arguments);
  const ProcessGroup processes = ProcessGroup::from_environment(arguments.devices.ddp_timeout);
  arguments.devices.threads = num_threads(arguments.devices);
  at::set_num_threads(static_cast<int>(arguments.devices.threads));
  TrainingListener silence;  // one process of several tells what goes on
  TrainingListener& heard = processes.is_first() ? listener : silence;
  try {
    const RunSetup setup(hyperparameters, arguments, processes);
    return Run(setup, heard, stop).run();
  } catch (const std::exception& error) {
    listener.on_failure(error.what());
    throw;
  }
}

}  // namespace maxsimd::training
