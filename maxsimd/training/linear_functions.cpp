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

struct FeedForwardFunction : torch::autograd::Function<FeedForwardFunction> {
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
    return products.forward(at::gelu(inner), outer_weight, outer_bias);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], inner = saved[1].to(at::kFloat);
    const Products products(static_cast<Precision>(context->saved_data["precision"].toInt()));
    const at::Tensor dy = gradients[0].contiguous();
    const at::Tensor outer_gradient = products.weight_gradient(dy, at::gelu(inner));
    const at::Tensor dinner = at::gelu_backward(products.input_gradient(dy, saved[3]), inner);
    return {products.input_gradient(dinner, saved[2]),
            products.weight_gradient(dinner, x),
            dinner.sum(0),
            outer_gradient,
            dy.sum(0),
            at::Tensor()};
  }
};

struct GatedFeedForwardFunction : torch::autograd::Function<GatedFeedForwardFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& inner_weight, const at::Tensor& inner_bias,
                            const at::Tensor& outer_weight, const at::Tensor& outer_bias,
                            int64_t precision) {
    const Products products(static_cast<Precision>(precision));
    const at::Tensor inner = products.forward(x, inner_weight, inner_bias);
    const bool narrow = static_cast<Precision>(precision) == Precision::bf16;
    const at::Tensor kept = narrow ? inner.to(at::kBFloat16) : inner;
    context->save_for_backward({x, kept, inner_weight, outer_weight});
    context->saved_data["precision"] = precision;
    const std::vector<at::Tensor> halves = inner.chunk(2, 1);
    return products.forward(at::gelu(halves[0]) * halves[1], outer_weight, outer_bias);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], inner = saved[1].to(at::kFloat);
    const std::vector<at::Tensor> halves = inner.chunk(2, 1);
    const Products products(static_cast<Precision>(context->saved_data["precision"].toInt()));
    const at::Tensor dy = gradients[0].contiguous();
    const at::Tensor activated = at::gelu(halves[0]);
    const at::Tensor outer_gradient = products.weight_gradient(dy, activated * halves[1]);
    const at::Tensor dgated = products.input_gradient(dy, saved[3]);
    const at::Tensor dinner =
        at::cat({at::gelu_backward(dgated * halves[1], halves[0]), dgated * activated}, 1);
    return {products.input_gradient(dinner, saved[2]),
            products.weight_gradient(dinner, x),
            dinner.sum(0),
            outer_gradient,
            dy.sum(0),
            at::Tensor()};
  }
};

at::Tensor gated(const at::Tensor& both, double dropout) {
  const std::vector<at::Tensor> halves = both.chunk(2, 1);
  return at::dropout(at::gelu(halves[0]) * halves[1], dropout, dropout > 0);
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
  return FeedForwardFunction::apply(x.contiguous(), inner.weight, inner.bias, outer.weight,
                                    outer.bias, static_cast<int64_t>(precision));
}

at::Tensor gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                              const LinearWeights& outer, const GatedOptions& options) {
  if (options.dropout > 0) {
    const at::Tensor both = linear(x, inner, options.precision);
    return linear(gated(both, options.dropout), outer, options.precision);
  }
  return GatedFeedForwardFunction::apply(x.contiguous(), inner.weight, bias_or_zeros(inner),
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
