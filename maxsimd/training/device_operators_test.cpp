#include "maxsimd/training/device_operators_testing.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace maxsimd::training {
namespace {

using c10::IValue;
using Stack = torch::jit::Stack;

KernelCalls& calls() {
  static KernelCalls counts;
  return counts;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("kernel for tests: ").append(what));
}

/// Arguments by their places; schemas of LibTorch's versions differ in their last ones.
class Arguments {
 public:
  Arguments(const c10::OperatorHandle& op, Stack* stack)
      : values_(torch::jit::pop(*stack, op.schema().arguments().size())) {}

  at::Tensor tensor(size_t place) const {
    return values_[place].isTensor() ? values_[place].toTensor() : at::Tensor();
  }
  int64_t integer(size_t place) const { return values_[place].toInt(); }
  double number(size_t place) const { return values_[place].toDouble(); }
  const IValue& value(size_t place) const { return values_[place]; }

 private:
  std::vector<IValue> values_;
};

std::vector<int64_t> offsets_of(const at::Tensor& tensor) {
  require(tensor.scalar_type() == at::kInt && tensor.dim() == 1, "offsets [S + 1] int32");
  std::vector<int64_t> out;
  for (int64_t i = 0; i < tensor.size(0); ++i) out.push_back(tensor[i].item<int64_t>());
  return out;
}

/// Of one sequence, all [heads, rows, head_dim] in double.
struct OneSequence {
  at::Tensor query, key, value;
  at::Tensor weights() const {
    return at::softmax(
        at::matmul(query, key.transpose(1, 2)) / std::sqrt(static_cast<double>(query.size(2))), -1);
  }
};

struct Attention {
  at::Tensor query, key, value;  // [T, heads, head_dim], [K, ...], [K, ...]
  std::vector<int64_t> rows, keys;

  size_t size() const { return rows.size() - 1; }
  static at::Tensor part(const at::Tensor& x, const std::vector<int64_t>& offsets, size_t i) {
    return x.slice(0, offsets[i], offsets[i + 1]).to(at::kDouble).transpose(0, 1);
  }
  OneSequence sequence(size_t i) const {
    return {part(query, rows, i), part(key, keys, i), part(value, keys, i)};
  }
};

Attention attention_of(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                       const at::Tensor& rows, const at::Tensor& keys) {
  Attention a{query, key, value, offsets_of(rows), offsets_of(keys)};
  require(a.rows.size() == a.keys.size(), "as many sequences of rows as of keys");
  require(a.rows.back() == query.size(0) && a.keys.back() == key.size(0), "offsets that cover all");
  require(query.stride(-1) == 1 && key.stride(-1) == 1 && value.stride(-1) == 1,
          "heads whose numbers lie side by side");
  return a;
}

void check_longest(const Attention& a, int64_t max_rows, int64_t max_keys) {
  int64_t rows = 0, keys = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    rows = std::max(rows, a.rows[i + 1] - a.rows[i]);
    keys = std::max(keys, a.keys[i + 1] - a.keys[i]);
  }
  require(rows == max_rows && keys == max_keys, "the longest sequence's length");
}

at::Tensor joined(std::vector<at::Tensor> parts, const at::Tensor& like) {
  for (at::Tensor& part : parts) part = part.transpose(0, 1);
  return at::cat(parts).to(like.scalar_type());
}

at::Tensor context_of(const Attention& a) {
  std::vector<at::Tensor> parts;
  for (size_t i = 0; i < a.size(); ++i) {
    const OneSequence s = a.sequence(i);
    parts.push_back(at::matmul(s.weights(), s.value));
  }
  return joined(std::move(parts), a.query);
}

// d softmax = P (dP - sum(P dP)).
std::vector<at::Tensor> gradients_of(const Attention& a, const at::Tensor& gradient) {
  std::vector<at::Tensor> query, key, value;
  for (size_t i = 0; i < a.size(); ++i) {
    const OneSequence s = a.sequence(i);
    const double scale = 1 / std::sqrt(static_cast<double>(s.query.size(2)));
    const at::Tensor out = Attention::part(gradient, a.rows, i), weights = s.weights();
    const at::Tensor inner = at::matmul(out, s.value.transpose(1, 2));
    const at::Tensor scores = weights * (inner - (weights * inner).sum(-1, true)) * scale;
    query.push_back(at::matmul(scores, s.key));
    key.push_back(at::matmul(scores.transpose(1, 2), s.query));
    value.push_back(at::matmul(weights.transpose(1, 2), out));
  }
  return {joined(query, a.query), joined(key, a.key), joined(value, a.value)};
}

void check_flash(const Arguments& in) {
  for (size_t i = 0; i < 3; ++i) {
    require(in.tensor(i).scalar_type() == at::kBFloat16 && in.tensor(i).dim() == 3,
            "flash attention: [rows, heads, head_dim] bfloat16");
    require(in.tensor(i).size(2) % 8 == 0 && in.tensor(i).size(2) <= 256, "flash attention: heads");
  }
  require(!in.value(8).toBool(), "flash attention: not causal");
}

void push_all(Stack* stack, std::initializer_list<IValue> values) {
  for (const IValue& value : values) torch::jit::push(*stack, value);
}

void flash_forward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  check_flash(in);
  require(in.number(7) == 0, "no dropout on a CPU");
  const Attention a =
      attention_of(in.tensor(0), in.tensor(1), in.tensor(2), in.tensor(3), in.tensor(4));
  check_longest(a, in.integer(5), in.integer(6));
  ++calls().flash;
  const at::Tensor none = at::empty({0});
  push_all(stack, {context_of(a), none, none, none, none});
}

void flash_backward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  const Attention a =
      attention_of(in.tensor(1), in.tensor(2), in.tensor(3), in.tensor(6), in.tensor(7));
  for (const at::Tensor& gradient : gradients_of(a, in.tensor(0)))
    torch::jit::push(*stack, gradient);
}

void efficient_forward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  require(in.tensor(0).size(0) == 1 && in.tensor(0).scalar_type() == at::kFloat,
          "memory-efficient attention: [1, rows, heads, head_dim] float32");
  require(in.number(8) == 0 && in.integer(9) == 0, "no dropout on a CPU, and no mask");
  const Attention a =
      attention_of(in.tensor(0)[0], in.tensor(1)[0], in.tensor(2)[0], in.tensor(4), in.tensor(5));
  check_longest(a, in.integer(6), in.integer(7));
  require(in.value(10).toBool() || !in.tensor(0).requires_grad(), "sums for the backward pass");
  ++calls().memory_efficient;
  const at::Tensor none = at::empty({0});
  push_all(stack, {context_of(a).unsqueeze(0), none, none, none, in.integer(6), in.integer(7)});
}

void efficient_backward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  const Attention a =
      attention_of(in.tensor(1)[0], in.tensor(2)[0], in.tensor(3)[0], in.tensor(6), in.tensor(7));
  for (const at::Tensor& gradient : gradients_of(a, in.tensor(0)[0])) {
    torch::jit::push(*stack, gradient.unsqueeze(0));
  }
  torch::jit::push(*stack, at::Tensor());
}

void check_meta(const at::Tensor& tensor) {
  require(!tensor.defined() || tensor.is_meta(), "a tensor that is not on the device");
}

void meta_flash_forward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  check_flash(in);
  for (size_t i = 0; i < 5; ++i) check_meta(in.tensor(i));
  ++calls().flash;
  const at::Tensor none = at::empty({0}, in.tensor(0).options());
  push_all(stack, {at::empty_like(in.tensor(0)), none, none, none, none});
}

void meta_flash_backward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  for (size_t i = 0; i < 8; ++i) check_meta(in.tensor(i));
  for (size_t i = 1; i < 4; ++i) torch::jit::push(*stack, at::empty_like(in.tensor(i)));
}

void meta_efficient_forward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  for (size_t i = 0; i < 6; ++i) check_meta(in.tensor(i));
  ++calls().memory_efficient;
  const at::Tensor none = at::empty({0}, in.tensor(0).options());
  push_all(stack, {at::empty_like(in.tensor(0)), none, none, none, in.integer(6), in.integer(7)});
}

void meta_efficient_backward(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  for (size_t i = 0; i < 8; ++i) check_meta(in.tensor(i));
  for (size_t i = 1; i < 4; ++i) torch::jit::push(*stack, at::empty_like(in.tensor(i)));
  torch::jit::push(*stack, at::Tensor());
}

// As CUDA's: all of it on the device, the counts of steps, too.
void meta_adamw(const c10::OperatorHandle& op, Stack* stack) {
  const Arguments in(op, stack);
  const size_t count = in.value(0).toTensorVector().size();
  for (const size_t place : {0, 1, 2, 3, 5}) {
    const std::vector<at::Tensor> tensors = in.value(place).toTensorVector();
    require(tensors.size() == count, "as many gradients and states as parameters");
    for (const at::Tensor& tensor : tensors) check_meta(tensor);
  }
  ++calls().adamw;
}

// For operators that LibTorch describes for "meta" in Python only: run on zeros of the same shapes.
void by_zeros(const c10::OperatorHandle& op, Stack* stack) {
  const c10::FunctionSchema& schema = op.schema();
  const std::vector<IValue> given = torch::jit::pop(*stack, schema.arguments().size());
  for (const IValue& value : given) {
    const bool is_tensor = value.isTensor() && value.toTensor().defined();
    if (is_tensor) check_meta(value.toTensor());
    torch::jit::push(*stack, is_tensor
                                 ? IValue(at::zeros(value.toTensor().sizes(),
                                                    value.toTensor().options().device(at::kCPU)))
                                 : value);
  }
  op.callBoxed(stack);
  std::vector<IValue> results = torch::jit::pop(*stack, schema.returns().size());
  const c10::AliasInfo* alias = schema.arguments().front().alias_info();
  for (IValue& result : results) {
    if (result.isTensor() && result.toTensor().defined()) result = result.toTensor().to(at::kMeta);
  }
  if (alias != nullptr && alias->isWrite()) results = {given.front()};
  for (const IValue& result : results) torch::jit::push(*stack, result);
}

/// What the one watch has seen: callbacks are plain functions.
struct Seen {
  std::vector<std::string> mixtures;
  int64_t operators = 0;
};

Seen& seen() {
  static Seen all;
  return all;
}

void count_devices(const IValue& value, bool& has_meta, bool& has_cpu) {
  if (value.isTensor() && value.toTensor().defined()) {
    const at::Tensor& tensor = value.toTensor();
    has_meta = has_meta || tensor.is_meta();
    has_cpu = has_cpu || (tensor.is_cpu() && tensor.dim() > 0);
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector())
      count_devices(tensor, has_meta, has_cpu);
  } else if (value.isList()) {  // of tensors that may be missing: indices
    for (const IValue& element : value.toListRef()) count_devices(element, has_meta, has_cpu);
  }
}

std::unique_ptr<at::ObserverContext> look_at(const at::RecordFunction& function) {
  bool has_meta = false, has_cpu = false;
  for (const IValue& value : function.inputs()) count_devices(value, has_meta, has_cpu);
  if (has_meta) ++seen().operators;
  const std::string name = function.name();
  if (has_meta && has_cpu && name != "aten::copy_") seen().mixtures.push_back(name);
  return nullptr;
}

template <void (*f)(const c10::OperatorHandle&, Stack*)>
torch::CppFunction boxed() {
  return torch::CppFunction::makeFromBoxedFunction<f>();
}

}  // namespace

DeviceWatch::DeviceWatch()
    : handle_(at::addGlobalCallback(at::RecordFunctionCallback(look_at).needsInputs(true).scopes(
          {at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}))) {
  seen() = {};
}

DeviceWatch::~DeviceWatch() {
  at::removeCallback(handle_);
}

const std::vector<std::string>& DeviceWatch::mixtures() {
  return seen().mixtures;
}

int64_t DeviceWatch::num_operators() {
  return seen().operators;
}

const KernelCalls& kernel_calls() {
  return calls();
}

TORCH_LIBRARY_IMPL(aten, CPU, m) {
  m.impl("_flash_attention_forward", boxed<flash_forward>());
  m.impl("_flash_attention_backward", boxed<flash_backward>());
  m.impl("_efficient_attention_forward", boxed<efficient_forward>());
  m.impl("_efficient_attention_backward", boxed<efficient_backward>());
}

TORCH_LIBRARY_IMPL(aten, Meta, m) {
  m.impl("_flash_attention_forward", boxed<meta_flash_forward>());
  m.impl("_flash_attention_backward", boxed<meta_flash_backward>());
  m.impl("_efficient_attention_forward", boxed<meta_efficient_forward>());
  m.impl("_efficient_attention_backward", boxed<meta_efficient_backward>());
  m.impl("_fused_adamw_", boxed<meta_adamw>());
  for (const char* name :
       {"embedding_dense_backward", "where.self", "logical_and.out", "native_layer_norm",
        "native_layer_norm_backward", "index_select", "masked_fill_.Scalar"}) {
    m.impl(name, boxed<by_zeros>());
  }
}

}  // namespace maxsimd::training
