// The processes of a data-parallel run: each holds the whole model and takes its own batches, and
// they talk through c10d: over gloo, and tensors of GPUs over NCCL. A run of one process is a group
// of one, where every call returns at once. All processes make the same calls in the same order.
// One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <memory>
#include <vector>

namespace maxsimd::training {

/// How tensors of GPUs go from process to process; those of CPUs, and single numbers, go through
/// gloo.
enum class GpuBackend { kGloo, kNccl };

class ProcessGroup {
 public:
  ProcessGroup() = default;  // a group of one

  /// Joins the group that the environment names as torchrun does: RANK, WORLD_SIZE, MASTER_ADDR,
  /// MASTER_PORT; a group of one where WORLD_SIZE is missing or 1. A process that waits for the
  /// others longer than `timeout` gives up. GLOO_SOCKET_IFNAME names the network interface.
  /// Throws std::invalid_argument (the environment), IoError (the others cannot be reached).
  static ProcessGroup from_environment(std::chrono::seconds timeout,
                                       GpuBackend backend = GpuBackend::kGloo);

  int64_t rank() const { return rank_; }
  int64_t size() const { return size_; }
  /// The process that logs, evaluates and saves.
  bool is_first() const { return rank_ == 0; }

  // All throw IoError when another process has ended, or does not answer in time.

  /// values becomes the sum over all processes, the same bits in each.
  void add_up(const at::Tensor& values) const;
  /// values [n, ...] of each process, by rank; n may differ.
  std::vector<at::Tensor> gather(const at::Tensor& values) const;
  /// values becomes those of the first process.
  void copy_from_first(const at::Tensor& values) const;
  /// The sum of the values of all processes; the value of the first process.
  double sum(double value) const;
  double from_first(double value) const;
  /// Returns when all processes have come here.
  void wait() const;

 private:
  struct Links;

  int64_t rank_ = 0;
  int64_t size_ = 1;
  std::shared_ptr<Links> links_;  // null in a group of one
};

/// Processes that share this machine's cores: LOCAL_WORLD_SIZE, else 1.
int64_t num_local_processes();
/// The place of this one among them: LOCAL_RANK, else 0.
int64_t local_rank();

}  // namespace maxsimd::training
