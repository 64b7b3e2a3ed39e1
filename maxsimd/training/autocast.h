// torch.autocast("cpu", torch.bfloat16) for the length of a scope: matrix products of float32
// tensors run in bf16. One thread.
#pragma once

#include <ATen/autocast_mode.h>

namespace maxsimd::training {

class AutocastScope {
 public:
  explicit AutocastScope(bool enabled, at::DeviceType device = at::kCPU)
      : device_(device), before_(at::autocast::is_autocast_enabled(device)) {
    at::autocast::set_autocast_enabled(device, enabled);
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::increment_nesting();
  }
  ~AutocastScope() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, before_);
  }
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  at::DeviceType device_;
  bool before_;
};

}  // namespace maxsimd::training
