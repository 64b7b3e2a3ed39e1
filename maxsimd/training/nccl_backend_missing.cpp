// In place of nccl_backend.cpp in a build without NCCL.
#include <stdexcept>

#include "maxsimd/training/nccl_backend.h"

namespace maxsimd::training {

bool has_nccl() {
  return false;
}

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>&, int,
                                                    int, std::chrono::seconds) {
  throw std::invalid_argument("ddp_backend: nccl: this maxsimd-train was built without NCCL");
}

}  // namespace maxsimd::training
