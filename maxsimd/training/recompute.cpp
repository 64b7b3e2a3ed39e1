#include "maxsimd/training/recompute.h"

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "maxsimd/training/random_state.h"

namespace maxsimd::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

struct Computation final : torch::CustomClassHolder {
  Computation(std::function<at::Tensor(const at::Tensor&)> function, RandomState state)
      : f(std::move(function)), random_state(std::move(state)) {}
  std::function<at::Tensor(const at::Tensor&)> f;
  RandomState random_state;  // before f ran
};

struct Recomputed : torch::autograd::Function<Recomputed> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            std::function<at::Tensor(const at::Tensor&)> f) {
    context->save_for_backward({x});
    auto computation = c10::make_intrusive<Computation>(std::move(f), random_state(x.device()));
    context->saved_data["computation"] = c10::IValue::make_capsule(computation);
    return computation->f(x);  // without gradients, as all in here
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto holder = context->saved_data["computation"].toCapsule();
    const auto& computation = static_cast<const Computation&>(*holder);
    const at::AutoGradMode with_gradients(true);
    const at::Tensor x = context->get_saved_variables()[0].detach().set_requires_grad(true);
    const KeepRandomState keep(x.device());
    set_random_state(computation.random_state, x.device());
    torch::autograd::backward({computation.f(x)}, {gradients[0]});
    return {x.grad(), at::Tensor()};
  }
};

}  // namespace

at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> f) {
  return Recomputed::apply(x, std::move(f));
}

}  // namespace maxsimd::training
