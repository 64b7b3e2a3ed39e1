#include "maxsimd/training/losses.h"

#include <ATen/ATen.h>

#include <sstream>
#include <stdexcept>

#include "maxsimd/training/device.h"

namespace maxsimd::training {
namespace {

constexpr double kEpsilon = 1e-8;  // PyLate's, against a division by 0

void check_teacher(const at::Tensor& scores, const at::Tensor& teacher_scores) {
  if (scores.sizes() != teacher_scores.sizes()) {
    std::ostringstream message;
    message << "distillation loss: scores " << scores.sizes() << " and a teacher's "
            << teacher_scores.sizes() << "; expected as many";
    throw std::invalid_argument(message.str());
  }
  if (teacher_scores.isfinite().all().item<bool>()) return;
  throw std::invalid_argument("distillation loss: a teacher's score is not finite");
}

// Where PyLate has torch.max and torch.min along the documents: a tie's gradient goes to one.
at::Tensor scale_to_unit(const at::Tensor& scores) {
  const at::Tensor most = std::get<0>(scores.max(1, true));
  const at::Tensor least = std::get<0>(scores.min(1, true));
  return (scores - least) / (most - least + kEpsilon);
}

}  // namespace

at::Tensor contrastive_loss(const at::Tensor& scores, const ContrastiveOptions& options,
                            int64_t first_label) {
  if (scores.is_cpu() && scores.isneginf().all(1).any().item<bool>()) {
    throw std::invalid_argument("contrastive loss: all scores of a query are -inf");
  }
  const at::Tensor labels =
      at::arange(first_label, first_label + scores.size(0), scores.options().dtype(at::kLong));
  return at::cross_entropy_loss(scores / options.temperature, labels, {},
                                options.size_average ? at::Reduction::Mean : at::Reduction::Sum);
}

at::Tensor distillation_loss(const at::Tensor& scores, const at::Tensor& teacher_scores,
                             const DistillationLossOptions& options) {
  check_teacher(scores, teacher_scores);
  const at::Tensor teacher = to_device(teacher_scores, scores.device());
  const at::Tensor student = options.normalize_scores ? scale_to_unit(scores) : scores;
  const at::Tensor sum = at::kl_div(at::log_softmax(student, 1), at::log_softmax(teacher, 1),
                                    at::Reduction::Sum, /*log_target=*/true);
  return options.size_average ? sum / scores.size(0) : sum;
}

}  // namespace maxsimd::training
