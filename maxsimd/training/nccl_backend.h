// NVIDIA's NCCL, where the program was built with it (cmake/MaxsimdTorch.cmake).
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>

namespace maxsimd::training {

bool has_nccl();

/// A group over NCCL; processes find each other through the store, at the first call. Throws
/// std::invalid_argument when !has_nccl().
c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank, int size,
                                                    std::chrono::seconds timeout);

}  // namespace maxsimd::training
