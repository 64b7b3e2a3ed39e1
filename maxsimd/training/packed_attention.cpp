#include "maxsimd/training/packed_attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include "maxsimd/kernels/kernels.h"
#include "maxsimd/training/random_state.h"

namespace maxsimd::training {
namespace {

using kernels::AttentionArgs;
using kernels::AttentionTrainArgs;
using kernels::SoftmaxRow;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Probabilities a task works out: all heads of a document of 180 tokens where threads get enough
// such tasks, since its rows then come through the cache once; at least about 50 microseconds'
// worth.
constexpr size_t kMaxTask = size_t{1} << 19;
constexpr size_t kMinTask = size_t{1} << 15;
constexpr size_t kTasksPerThread = 8;

struct Shape {
  std::vector<Sequence> sequences;
  size_t num_heads = 1;
  float dropout = 0;
  uint64_t seed = 0;
  size_t window = kernels::kNoWindow;
};

/// A range of heads of a sequence.
struct Task {
  size_t sequence;
  size_t head_begin, head_end;
};

// The long ones first: the last to finish are then short.
std::vector<Task> make_tasks(const Shape& shape) {
  const auto cost = [&](size_t i) {  // of a head
    const Sequence& sequence = shape.sequences[i];
    const bool is_windowed = shape.window < sequence.attended / 2;
    return sequence.length * (is_windowed ? 2 * shape.window + 1 : sequence.attended);
  };
  std::vector<size_t> order(shape.sequences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return cost(a) > cost(b); });
  size_t total = 0;
  for (const size_t i : order) total += cost(i) * shape.num_heads;
  const size_t share = total / (static_cast<size_t>(at::get_num_threads()) * kTasksPerThread);
  const size_t size = std::clamp(share, kMinTask, kMaxTask);
  std::vector<Task> tasks;
  for (const size_t i : order) {
    const size_t heads = std::max<size_t>(size / cost(i), 1);
    for (size_t head = 0; head < shape.num_heads; head += heads) {
      tasks.push_back({i, head, std::min(head + heads, shape.num_heads)});
    }
  }
  return tasks;
}

/// Calls f(task, scratch) for all tasks on LibTorch's threads, each as it becomes free.
template <class F>
void for_tasks(const std::vector<Task>& tasks, size_t scratch_floats, const F& f) {
  std::atomic<size_t> next = 0;
  const int64_t workers =
      std::min<int64_t>(at::get_num_threads(), static_cast<int64_t>(tasks.size()));
  at::parallel_for(0, workers, 1, [&](int64_t, int64_t) {
    AlignedBuffer<float> scratch(scratch_floats);
    for (size_t i = next++; i < tasks.size(); i = next++) f(tasks[i], scratch.data());
  });
}

/// The tensors of a call: qkv [T, 3H], context [T, H], rows [T, num_heads, 2].
class Call {
 public:
  Call(const Shape& shape, const at::Tensor& qkv, const at::Tensor& context, const at::Tensor& rows)
      : shape_(shape),
        hidden_(static_cast<size_t>(qkv.size(1)) / 3),
        qkv_(qkv.const_data_ptr<float>()),
        context_(context.data_ptr<float>()),
        rows_(reinterpret_cast<SoftmaxRow*>(rows.data_ptr<float>())) {}

  size_t head_dim() const { return hidden_ / shape_.num_heads; }

  void forward() const {
    size_t scratch = 0;
    for (const Sequence& sequence : shape_.sequences) {
      scratch = std::max(scratch, kernels::attention_scratch_floats(sequence.length, head_dim()));
    }
    for_tasks(make_tasks(shape_), scratch, [&](const Task& task, float* memory) {
      table_.attention_train_f32(args(task, memory));
    });
  }

  void backward(const float* context_gradient, float* qkv_gradient) const {
    const size_t scratch = kernels::attention_backward_scratch_floats(head_dim());
    for_tasks(make_tasks(shape_), scratch, [&](const Task& task, float* memory) {
      const size_t begin = shape_.sequences[task.sequence].begin;
      table_.attention_backward_f32({.forward = args(task, memory),
                                     .out_gradient = context_gradient + begin * hidden_,
                                     .out_gradient_stride = hidden_,
                                     .qkv_gradient = qkv_gradient + begin * 3 * hidden_,
                                     .qkv_gradient_stride = 3 * hidden_});
    });
  }

 private:
  AttentionTrainArgs args(const Task& task, float* scratch) const {
    const Sequence& sequence = shape_.sequences[task.sequence];
    const AttentionArgs attention = {.qkv = qkv_ + sequence.begin * 3 * hidden_,
                                     .qkv_stride = 3 * hidden_,
                                     .length = sequence.length,
                                     .attended = sequence.attended,
                                     .num_heads = shape_.num_heads,
                                     .head_dim = head_dim(),
                                     .head_begin = task.head_begin,
                                     .head_end = task.head_end,
                                     .scale = 1.0F / std::sqrt(static_cast<float>(head_dim())),
                                     .out = context_ + sequence.begin * hidden_,
                                     .out_stride = hidden_,
                                     .scratch = scratch,
                                     .window = shape_.window};
    return {.attention = attention,
            .dropout = {.rate = shape_.dropout,
                        .seed = shape_.seed,
                        .sequence = static_cast<uint32_t>(task.sequence)},
            .rows = rows_ + sequence.begin * shape_.num_heads};
  }

  const kernels::KernelTable& table_ = kernels::kernel_table(kernels::best_isa());
  const Shape& shape_;
  size_t hidden_;
  const float* qkv_;
  float* context_;
  SoftmaxRow* rows_;
};

// What a Function can keep: numbers in lists.
std::vector<int64_t> flatten(const Shape& shape) {
  std::vector<int64_t> flat = {static_cast<int64_t>(shape.num_heads),
                               static_cast<int64_t>(shape.seed),
                               static_cast<int64_t>(shape.window)};
  for (const Sequence& sequence : shape.sequences) {
    for (const size_t n : {sequence.begin, sequence.length, sequence.attended}) {
      flat.push_back(static_cast<int64_t>(n));
    }
  }
  return flat;
}

Shape unflatten(const std::vector<int64_t>& flat, double dropout) {
  Shape shape = {.num_heads = static_cast<size_t>(flat[0]),
                 .dropout = static_cast<float>(dropout),
                 .seed = static_cast<uint64_t>(flat[1]),
                 .window = static_cast<size_t>(flat[2])};
  for (size_t i = 3; i < flat.size(); i += 3) {
    shape.sequences.push_back({.begin = static_cast<size_t>(flat[i]),
                               .length = static_cast<size_t>(flat[i + 1]),
                               .attended = static_cast<size_t>(flat[i + 2])});
  }
  return shape;
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv, const Shape& shape) {
    at::Tensor out = at::empty({qkv.size(0), qkv.size(1) / 3}, qkv.options());
    const at::Tensor rows =
        at::empty({qkv.size(0), static_cast<int64_t>(shape.num_heads), 2}, qkv.options());
    Call(shape, qkv, out, rows).forward();
    context->save_for_backward({qkv, out, rows});
    context->saved_data["shape"] = flatten(shape);
    context->saved_data["dropout"] = static_cast<double>(shape.dropout);
    return out;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Shape shape = unflatten(context->saved_data["shape"].toIntVector(),
                                  context->saved_data["dropout"].toDouble());
    const at::Tensor dy = gradients[0].contiguous();
    at::Tensor gradient = at::empty_like(saved[0]);
    Call(shape, saved[0], saved[1], saved[2])
        .backward(dy.const_data_ptr<float>(), gradient.mutable_data_ptr<float>());
    return {gradient, at::Tensor()};
  }
};

void check(const at::Tensor& qkv, std::span<const Sequence> sequences,
           const AttentionOptions& options) {
  const auto refuse = [](const std::string& what) {
    throw std::invalid_argument("packed_attention: " + what);
  };
  if (qkv.dim() != 2 || options.num_heads < 1 || qkv.size(1) % (3 * options.num_heads) != 0) {
    refuse("expected qkv [T, 3 * num_heads * head_dim] with " + std::to_string(options.num_heads) +
           " heads, got " + c10::str(qkv.sizes()));
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    refuse("expected dropout from 0 to below 1, got " + std::to_string(options.dropout));
  }
  size_t rows = 0;
  for (const Sequence& sequence : sequences) {
    if (sequence.begin != rows || sequence.attended < 1 || sequence.attended > sequence.length) {
      refuse("sequence at row " + std::to_string(sequence.begin) + " of " +
             std::to_string(sequence.length) + " rows, " + std::to_string(sequence.attended) +
             " attended: expected one that begins where the last one ends, at row " +
             std::to_string(rows) + ", and attends to 1 to all of its rows");
    }
    rows += sequence.length;
  }
  if (static_cast<size_t>(qkv.size(0)) != rows) {
    refuse("expected qkv of the sequences' " + std::to_string(rows) + " rows, got " +
           std::to_string(qkv.size(0)));
  }
}

}  // namespace

at::Tensor packed_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options) {
  check(qkv, sequences, options);
  if (qkv.scalar_type() != at::kFloat) {
    return padded_attention(qkv, sequences, options);
  }
  const Shape shape = {.sequences = {sequences.begin(), sequences.end()},
                       .num_heads = static_cast<size_t>(options.num_heads),
                       .dropout = static_cast<float>(options.dropout),
                       .seed = options.dropout > 0 ? draw_seed() : 0,
                       .window = options.window};
  return AttentionFunction::apply(qkv.contiguous(), shape);
}

}  // namespace maxsimd::training
