#include "maxsimd/training/batched_maxsim.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>

#include "maxsimd/training/device.h"

namespace maxsimd::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr float kAbsent = -std::numeric_limits<float>::infinity();

/// Documents [begin, end) padded to `length` rows; their places begin at `place` among all blocks'.
struct Block {
  int64_t begin, end, length, place;

  int64_t documents() const { return end - begin; }
  int64_t rows() const { return documents() * length; }
};

/// P = places, padding included.
struct Blocks {
  std::vector<Block> all;
  at::Tensor rows;    // [P] int64: the document row of a place; padding repeats one
  at::Tensor absent;  // [P] bool: padding
  at::Tensor places;  // [document rows] int64: the place of a row
};

std::vector<Block> cut(const TokenRows& documents, int64_t query_rows, int64_t max_similarities) {
  std::vector<Block> blocks;
  const int64_t most = std::max<int64_t>(max_similarities / std::max<int64_t>(query_rows, 1), 1);
  for (int64_t d = 0; d < documents.size(); ++d) {
    const auto i = static_cast<size_t>(d);
    const int64_t length = std::max<int64_t>(documents.offsets[i + 1] - documents.offsets[i], 1);
    if (!blocks.empty()) {
      Block& last = blocks.back();
      const int64_t longest = std::max(last.length, length);
      if ((last.documents() + 1) * longest <= most) {
        last.length = longest;
        last.end = d + 1;
        continue;
      }
    }
    blocks.push_back({d, d + 1, length, 0});
  }
  for (size_t i = 1; i < blocks.size(); ++i) {
    blocks[i].place = blocks[i - 1].place + blocks[i - 1].rows();
  }
  return blocks;
}

Blocks make_blocks(const TokenRows& documents, int64_t query_rows, int64_t max_similarities) {
  Blocks out{
      .all = cut(documents, query_rows, max_similarities), .rows = {}, .absent = {}, .places = {}};
  const int64_t total = out.all.empty() ? 0 : out.all.back().place + out.all.back().rows();
  std::vector<int64_t> rows(static_cast<size_t>(total), 0);
  std::vector<int64_t> places(static_cast<size_t>(documents.offsets.back()));
  const at::Tensor absent = at::ones({total}, at::kBool);
  bool* is_absent = absent.mutable_data_ptr<bool>();
  for (const Block& block : out.all) {
    for (int64_t d = block.begin; d < block.end; ++d) {
      const int64_t first = block.place + (d - block.begin) * block.length;
      const int64_t row = documents.offsets[static_cast<size_t>(d)];
      const int64_t length = documents.offsets[static_cast<size_t>(d) + 1] - row;
      for (int64_t i = 0; i < length; ++i) {
        rows[static_cast<size_t>(first + i)] = row + i;
        places[static_cast<size_t>(row + i)] = first + i;
        is_absent[first + i] = false;
      }
    }
  }
  const at::Device device = documents.values.device();
  out.rows = indices_on(rows, device);
  out.absent = to_device(absent, device);
  out.places = indices_on(places, device);
  return out;
}

/// What a Function can keep of the blocks: numbers in a list.
std::vector<int64_t> flatten(const std::vector<Block>& blocks) {
  std::vector<int64_t> flat;
  for (const Block& block : blocks) {
    flat.insert(flat.end(), {block.begin, block.end, block.length, block.place});
  }
  return flat;
}

std::vector<Block> unflatten(const std::vector<int64_t>& flat) {
  std::vector<Block> blocks;
  for (size_t i = 0; i < flat.size(); i += 4) {
    blocks.push_back({flat[i], flat[i + 1], flat[i + 2], flat[i + 3]});
  }
  return blocks;
}

at::Tensor rows_of(const at::Tensor& documents, const at::Tensor& rows, const Block& block) {
  return documents.index_select(0, rows.slice(0, block.place, block.place + block.rows()));
}

/// The largest similarity of each query row with each document, [query rows, documents].
struct LargestSimilarity : torch::autograd::Function<LargestSimilarity> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& queries,
                            const at::Tensor& documents, const Blocks& blocks,
                            const at::Tensor& clamped) {
    std::vector<at::Tensor> values, indices;
    for (const Block& block : blocks.all) {
      const at::Tensor absent = blocks.absent.slice(0, block.place, block.place + block.rows());
      const at::Tensor similarities =
          at::matmul(queries, rows_of(documents, blocks.rows, block).t())
              .masked_fill_(absent, kAbsent)
              .view({queries.size(0), block.documents(), block.length});
      auto [value, index] = similarities.max(2);
      values.push_back(value);
      indices.push_back(index);
    }
    at::Tensor value = at::cat(values, 1), index = at::cat(indices, 1);
    index.masked_fill_(value == kAbsent, -1);
    const at::Tensor negative = (value < 0).logical_and_(clamped);
    index.masked_fill_(negative, -1);
    value.masked_fill_(negative, 0);
    context->save_for_backward({queries, documents, index, blocks.rows, blocks.places});
    context->saved_data["blocks"] = flatten(blocks.all);
    return value;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &queries = saved[0], &documents = saved[1], &rows = saved[3];
    const at::Tensor weights = gradients[0].masked_fill(saved[2] < 0, 0);
    const at::Tensor index = saved[2].clamp_min(0);
    at::Tensor query_gradient = at::zeros_like(queries);
    std::vector<at::Tensor> of_places;
    for (const Block& block : unflatten(context->saved_data["blocks"].toIntVector())) {
      const auto of_block = [&](const at::Tensor& x) {
        return x.slice(1, block.begin, block.end).unsqueeze(2);
      };
      const at::Tensor placed =
          at::zeros({queries.size(0), block.documents(), block.length}, queries.options())
              .scatter_(2, of_block(index), of_block(weights))
              .view({queries.size(0), block.rows()});
      query_gradient.addmm_(placed, rows_of(documents, rows, block));
      of_places.push_back(at::matmul(placed.t(), queries));
    }
    return {query_gradient, at::cat(of_places).index_select(0, saved[4]), at::Tensor(),
            at::Tensor()};
  }
};

// The sum over each query's rows: [query rows, documents] -> [queries, documents]. Padding takes a
// row of zeros.
at::Tensor add_up_rows(const at::Tensor& values, const std::vector<int64_t>& offsets) {
  const auto count = static_cast<int64_t>(offsets.size()) - 1;
  int64_t longest = 0;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    longest = std::max(longest, offsets[i + 1] - offsets[i]);
  }
  if (longest * count == values.size(0)) return values.view({count, longest, -1}).sum(1);
  std::vector<int64_t> rows;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    for (int64_t row = 0; row < longest; ++row) {
      const bool is_own = row < offsets[i + 1] - offsets[i];
      rows.push_back(is_own ? offsets[i] + row : values.size(0));
    }
  }
  const at::Tensor padded = at::cat({values, at::zeros({1, values.size(1)}, values.options())});
  return padded.index_select(0, indices_on(rows, values.device()))
      .view({count, longest, values.size(1)})
      .sum(1);
}

}  // namespace

at::Tensor batched_maxsim_scores(const TokenRows& queries, const TokenRows& documents,
                                 Masking masking, std::span<const uint8_t> padded,
                                 int64_t max_similarities) {
  const int64_t query_rows = queries.values.size(0);
  const Blocks blocks = make_blocks(documents, query_rows, max_similarities);
  const at::Tensor clamped = at::zeros({1, documents.size()}, at::kBool);
  if (masking == Masking::pylate) {
    bool* out = clamped.mutable_data_ptr<bool>();
    for (const uint8_t is_padded : padded) *out++ = is_padded != 0;
  }
  // Blocks of documents without any rows still read one.
  const bool has_rows = documents.values.size(0) > 0;
  const at::Tensor source =
      has_rows ? documents.values
               : at::zeros({1, documents.values.size(1)}, documents.values.options());
  const at::Tensor values = LargestSimilarity::apply(queries.values, source, blocks,
                                                     to_device(clamped, documents.values.device()));
  return add_up_rows(values, queries.offsets);
}

}  // namespace maxsimd::training
