#include "maxsimd/training/data_parallel.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace maxsimd::training {
namespace {

at::Tensor lengths_of(const TokenRows& texts) {
  at::Tensor lengths = at::empty({texts.size()}, at::kLong);
  int64_t* out = lengths.mutable_data_ptr<int64_t>();
  for (size_t i = 0; i + 1 < texts.offsets.size(); ++i) {
    out[i] = texts.offsets[i + 1] - texts.offsets[i];
  }
  return lengths;
}

}  // namespace

void share_parameters(const Parameters& parameters, const ProcessGroup& processes) {
  const c10::NoGradGuard no_grad;
  for (const Parameter& parameter : parameters.all()) {
    processes.copy_from_first(parameter.tensor.detach());
  }
}

void average_gradients(const Parameters& parameters, const ProcessGroup& processes) {
  if (processes.size() == 1) return;
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> flat;
  for (const Parameter& parameter : parameters.all()) {
    at::Tensor& gradient = parameter.tensor.mutable_grad();
    if (!gradient.defined()) gradient = at::zeros_like(parameter.tensor);
    flat.push_back(gradient.flatten());
  }
  const at::Tensor all = at::cat(flat);  // one message instead of one a parameter
  processes.add_up(all);
  all.div_(processes.size());
  int64_t begin = 0;
  for (const Parameter& parameter : parameters.all()) {
    const int64_t end = begin + parameter.tensor.numel();
    parameter.tensor.mutable_grad().copy_(all.slice(0, begin, end).view_as(parameter.tensor));
    begin = end;
  }
}

GatheredTexts gather_texts(const TokenRows& own, const ProcessGroup& processes) {
  GatheredTexts out;
  if (processes.size() == 1) {
    out.texts = own;
    return out;
  }
  std::vector<at::Tensor> values = processes.gather(own.values.detach());
  const std::vector<at::Tensor> lengths = processes.gather(lengths_of(own));
  for (int64_t rank = 0; rank < processes.rank(); ++rank) {
    out.first_text += lengths[static_cast<size_t>(rank)].size(0);
    out.first_row += values[static_cast<size_t>(rank)].size(0);
  }
  for (const at::Tensor& part : lengths) {
    const int64_t* length = part.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < part.size(0); ++i) {
      out.texts.offsets.push_back(out.texts.offsets.back() + length[i]);
    }
  }
  values[static_cast<size_t>(processes.rank())] = own.values;
  out.texts.values = at::cat(values);
  if (out.texts.values.requires_grad()) {
    out.texts.values.register_hook([&processes](const at::Tensor& gradient) {
      at::Tensor sum = gradient.clone();
      processes.add_up(sum);
      return sum;
    });
  }
  return out;
}

}  // namespace maxsimd::training
