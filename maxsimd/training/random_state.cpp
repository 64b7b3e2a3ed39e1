#include "maxsimd/training/random_state.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

namespace maxsimd::training {
namespace {

at::Tensor state_of(at::Generator generator) {
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

void set_state(at::Generator generator, const at::Tensor& state) {
  const std::lock_guard lock(generator.mutex());
  generator.set_state(state);
}

}  // namespace

RandomState random_state(at::Device device) {
  RandomState state{.cpu = state_of(at::detail::getDefaultCPUGenerator()), .cuda = {}};
  if (device.is_cuda()) state.cuda = state_of(at::globalContext().defaultGenerator(device));
  return state;
}

void set_random_state(const RandomState& state, at::Device device) {
  set_state(at::detail::getDefaultCPUGenerator(), state.cpu);
  if (!device.is_cuda() || !state.cuda.defined()) return;
  set_state(at::globalContext().defaultGenerator(device), state.cuda);
}

uint64_t draw_seed() {
  auto* generator = at::check_generator<at::CPUGeneratorImpl>(at::detail::getDefaultCPUGenerator());
  const std::lock_guard lock(generator->mutex_);
  return generator->random64();
}

}  // namespace maxsimd::training
