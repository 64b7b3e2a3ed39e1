#include "maxsimd/training/linear_functions.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "maxsimd/training/products.h"

namespace maxsimd::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

struct LinearFunction : torch::autograd::Function<LinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, int64_t precision) {
    context->save_for_backward({x, weight});
    context->saved_data["precision"] = precision;
    return Products(static_cast<Precision>(precision)).forward(x, weight, bias);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Products products(static_cast<Precision>(context->saved_data["precision"].toInt()));
    const at::Tensor dy = gradients[0].contiguous();
    return {products.input_gradient(dy, saved[1]), products.weight_gradient(dy, saved[0]),
            dy.sum(0), at::Tensor()};
  }
};

/// What stands between the two products, and its gradient.
struct Gelu {
  explicit Gelu(const at::Tensor& inner) : inner_(inner) {}
  at::Tensor values() const { return at::gelu(inner_); }
  at::Tensor gradient(const at::Tensor& of_values) const {
    return at::gelu_backward(of_values, inner_);
  }

 private:
  at::Tensor inner_;
};

struct GatedGelu {
  explicit GatedGelu(const at::Tensor& inner)
      : halves_(inner.chunk(2, 1)), activated_(at::gelu(halves_[0])) {}
  at::Tensor values() const { return activated_ * halves_[1]; }
  at::Tensor gradient(const at::Tensor& of_values) const {
    return at::cat({at::gelu_backward(of_values * halves_[1], halves_[0]), of_values * activated_},
                   1);
  }

 private:
  std::vector<at::Tensor> halves_;
  at::Tensor activated_;
};

template <class Activation>
struct FeedForwardFunction : torch::autograd::Function<FeedForwardFunction<Activation>> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& inner_weight, const at::Tensor& inner_bias,
                            const at::Tensor& outer_weight, const at::Tensor& outer_bias,
                            int64_t precision) {
    const Products products(static_cast<Precision>(precision));
    const at::Tensor inner = products.forward(x, inner_weight, inner_bias);
    // The largest of what a layer keeps; bf16 is what PyTorch's autocast keeps of it.
    const bool narrow = static_cast<Precision>(precision) == Precision::bf16;
    const at::Tensor kept = narrow ? inner.to(at::kBFloat16) : inner;
    context->save_for_backward({x, kept, inner_weight, outer_weight});
    context->saved_data["precision"] = precision;
    return products.forward(Activation(inner).values(), outer_weight, outer_bias);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const Activation activation(saved[1].to(at::kFloat));
    const Products products(static_cast<Precision>(context->saved_data["precision"].toInt()));
    const at::Tensor dy = gradients[0].contiguous();
    const at::Tensor outer_gradient = products.weight_gradient(dy, activation.values());
    const at::Tensor dinner = activation.gradient(products.input_gradient(dy, saved[3]));
    return {products.input_gradient(dinner, saved[2]),
            products.weight_gradient(dinner, x),
            dinner.sum(0),
            outer_gradient,
            dy.sum(0),
            at::Tensor()};
  }
};

at::Tensor gated(const at::Tensor& both, double dropout) {
  return at::dropout(GatedGelu(both).values(), dropout, dropout > 0);
}

// A Function takes no undefined tensors.
at::Tensor bias_or_zeros(const LinearWeights& layer) {
  return layer.bias.defined() ? layer.bias : at::zeros({layer.weight.size(0)});
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const LinearWeights& layer, Precision precision) {
  return LinearFunction::apply(x.contiguous(), layer.weight, bias_or_zeros(layer),
                               static_cast<int64_t>(precision));
}

at::Tensor feed_forward(const at::Tensor& x, const LinearWeights& inner, const LinearWeights& outer,
                        Precision precision) {
  return FeedForwardFunction<Gelu>::apply(x.contiguous(), inner.weight, inner.bias, outer.weight,
                                          outer.bias, static_cast<int64_t>(precision));
}

at::Tensor gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                              const LinearWeights& outer, const GatedOptions& options) {
  if (options.dropout > 0) {
    const at::Tensor both = linear(x, inner, options.precision);
    return linear(gated(both, options.dropout), outer, options.precision);
  }
  return FeedForwardFunction<GatedGelu>::apply(x.contiguous(), inner.weight, bias_or_zeros(inner),
                                               outer.weight, bias_or_zeros(outer),
                                               static_cast<int64_t>(options.precision));
}

at::Tensor plain_linear(const at::Tensor& x, const LinearWeights& layer, Precision precision) {
  const at::ScalarType type = precision == Precision::bf16 ? at::kBFloat16 : at::kFloat;
  const at::Tensor bias = layer.bias.defined() ? layer.bias.to(type) : at::Tensor();
  return at::linear(x.to(type), layer.weight.to(type), bias);
}

at::Tensor plain_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                              const LinearWeights& outer, Precision precision) {
  return plain_linear(at::gelu(plain_linear(x, inner, precision)), outer, precision);
}

at::Tensor plain_gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                                    const LinearWeights& outer, const GatedOptions& options) {
  const at::Tensor both = plain_linear(x, inner, options.precision);
  return plain_linear(gated(both, options.dropout), outer, options.precision);
}

}  // namespace maxsimd::training
