#include "maxsimd/training/trainer.h"

#include <ATen/Parallel.h>

#include <thread>

#include "maxsimd/base/errors.h"
#include "maxsimd/training/device.h"
#include "maxsimd/training/nccl_backend.h"
#include "maxsimd/training/run.h"

namespace maxsimd::training {
namespace {

/// Threads of this process: as asked for, else its share of the machine's.
size_t num_threads(const DeviceArguments& devices) {
  if (devices.threads > 0) return devices.threads;
  const auto processes = static_cast<size_t>(num_local_processes());
  return std::max<size_t>(1, std::thread::hardware_concurrency() / processes);
}

// LibTorch's own errors come with pages of its stack.
TrainingOutcome run_all(const RunSetup& setup, TrainingListener& listener,
                        const std::atomic<bool>& stop) {
  try {
    return Run(setup, listener, stop).run();
  } catch (const c10::OutOfMemoryError& error) {
    throw IoError(std::string(error.what_without_backtrace()) +
                  " A smaller per_device_train_batch_size, gradient_checkpointing, or loss: "
                  "cached_contrastive with a small mini_batch_size needs less");
  } catch (const c10::Error& error) {
    throw IoError(std::string("LibTorch: ") + error.what_without_backtrace());
  }
}

}  // namespace

TrainingOutcome train(const HyperparameterSet& hyperparameters, TrainingListener& listener,
                      const std::atomic<bool>& stop) {
  TrainingArguments arguments = training_arguments(hyperparameters);
  check_can_train(arguments);
  const at::Device device = choose_device(arguments.devices.device, find_gpus(), local_rank());
  const GpuBackend backend = choose_backend(arguments.devices.ddp_backend, device, has_nccl());
  const ProcessGroup processes =
      ProcessGroup::from_environment(arguments.devices.ddp_timeout, backend);
  use_device(device, {.tf32 = arguments.precision.tf32,
                      .full_determinism = arguments.loading.full_determinism});
  arguments.devices.threads = num_threads(arguments.devices);
  at::set_num_threads(static_cast<int>(arguments.devices.threads));
  TrainingListener silence;  // one process of several tells what goes on
  TrainingListener& heard = processes.is_first() ? listener : silence;
  try {
    const RunSetup setup(hyperparameters, arguments, processes, device);
    return run_all(setup, heard, stop);
  } catch (const std::exception& error) {
    listener.on_failure(error.what());
    throw;
  }
}

}  // namespace maxsimd::training
