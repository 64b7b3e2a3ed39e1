#include "maxsimd/training/maxsim_scores.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>

namespace maxsimd::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// The query of each query row [rows].
at::Tensor owner_of_rows(const std::vector<int64_t>& offsets) {
  at::Tensor owners = at::empty({offsets.back()}, at::kLong);
  int64_t* out = owners.mutable_data_ptr<int64_t>();
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    out = std::fill_n(out, offsets[i + 1] - offsets[i], static_cast<int64_t>(i));
  }
  return owners;
}

struct MaxSim : torch::autograd::Function<MaxSim> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& queries,
                            const at::Tensor& documents, const at::Tensor& owners,
                            int64_t num_queries, std::vector<int64_t> offsets,
                            std::vector<int64_t> clamped) {
    const auto count = static_cast<int64_t>(offsets.size()) - 1;
    at::Tensor best = at::empty({count, queries.size(0)}, queries.options().dtype(at::kLong));
    at::Tensor values = at::empty({count, queries.size(0)}, queries.options());
    for (int64_t d = 0; d < count; ++d) {
      const auto place = static_cast<size_t>(d);
      const at::Tensor rows = documents.slice(0, offsets[place], offsets[place + 1]);
      at::Tensor value = values[d];
      at::Tensor index = best[d];
      if (rows.size(0) > 0) {
        at::max_out(value, index, at::matmul(queries, rows.t()), 1);
      } else {
        value.fill_(-std::numeric_limits<float>::infinity());
        index.fill_(-1);
      }
      if (clamped[place] != 0) {
        index.masked_fill_(value < 0, -1);
        value.clamp_min_(0);
      }
    }
    context->save_for_backward({queries, documents, owners, best});
    context->saved_data["offsets"] = offsets;
    return at::zeros({num_queries, count}, queries.options()).index_add_(0, owners, values.t());
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &queries = saved[0], &documents = saved[1], &best = saved[3];
    const at::Tensor row_gradients = gradients[0].index_select(0, saved[2]);  // [rows, documents]
    const std::vector<int64_t> offsets = context->saved_data["offsets"].toIntVector();
    at::Tensor query_gradient = at::zeros_like(queries);
    at::Tensor document_gradient = at::zeros_like(documents);
    for (int64_t d = 0; d + 1 < static_cast<int64_t>(offsets.size()); ++d) {
      if (offsets[static_cast<size_t>(d)] == offsets[static_cast<size_t>(d) + 1]) continue;
      const at::Tensor index = best[d];
      const at::Tensor weight = row_gradients.select(1, d).masked_fill(index < 0, 0).unsqueeze(1);
      const at::Tensor place = index.clamp_min(0) + offsets[static_cast<size_t>(d)];
      query_gradient.add_(documents.index_select(0, place).mul_(weight));
      document_gradient.index_add_(0, place, queries * weight);
    }
    return {query_gradient, document_gradient, at::Tensor(),
            at::Tensor(),   at::Tensor(),      at::Tensor()};
  }
};

}  // namespace

at::Tensor maxsim_scores(const TokenRows& queries, const TokenRows& documents, Masking masking,
                         std::span<const uint8_t> padded) {
  std::vector<int64_t> clamped(static_cast<size_t>(documents.size()), 0);
  if (masking == Masking::pylate) clamped.assign(padded.begin(), padded.end());
  const at::Tensor owners = owner_of_rows(queries.offsets);
  return MaxSim::apply(queries.values, documents.values, owners, queries.size(), documents.offsets,
                       clamped);
}

}  // namespace maxsimd::training
