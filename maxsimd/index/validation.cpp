#include "maxsimd/index/validation.h"

#include <cmath>
#include <sstream>
#include <stdexcept>

namespace maxsimd {
namespace {

// Counting keeps the loop branch-free, so it runs at memory speed; NaN fails the comparison.
bool all_within(std::span<const float> values, float largest) {
  size_t within = 0;
  for (const float value : values) within += std::fabs(value) <= largest ? 1 : 0;
  return within == values.size();
}

[[noreturn]] void refuse_value(MatrixView<const float> rows, const std::string& name,
                               float largest) {
  size_t at = 0;
  while (std::fabs(rows.data[at]) <= largest) ++at;
  std::ostringstream message;
  message << name << ": value " << rows.data[at] << " at row " << at / rows.cols << ", dimension "
          << at % rows.cols << ": expected finite values of magnitude at most " << largest;
  throw std::invalid_argument(message.str());
}

void check_layout(const Embeddings& batch, const ItemNames& names) {
  if (batch.offsets.empty() || batch.offsets.front() != 0) {
    throw std::invalid_argument("embeddings: offsets must start with 0");
  }
  for (size_t item = 0; item < batch.size(); ++item) {
    if (batch.offsets[item + 1] < batch.offsets[item]) {
      throw std::invalid_argument("embeddings: offsets descend at " + names(item));
    }
  }
  if (batch.dim != 0 && batch.values.size() % batch.dim == 0 &&
      batch.values.size() / batch.dim == batch.num_tokens()) {
    return;
  }
  throw std::invalid_argument("embeddings: offsets name " + std::to_string(batch.num_tokens()) +
                              " rows of dim " + std::to_string(batch.dim) + ", got " +
                              std::to_string(batch.values.size()) + " values");
}

}  // namespace

std::string ItemNames::operator()(size_t item) const {
  std::string name(kind);
  if (item < ids.size()) return name + " \"" + ids[item] + '"';
  return name + ' ' + std::to_string(first_number + item);
}

void check_matrix(MatrixView<const float> rows, const std::string& name, float largest) {
  if (!all_within({rows.data, rows.size()}, largest)) refuse_value(rows, name, largest);
}

void check_embeddings(const Embeddings& batch, size_t dim, const ItemNames& names, float largest) {
  if (batch.offsets.size() == 1 && batch.values.empty()) return;
  if (batch.size() > 0 && batch.dim != dim) {
    throw std::invalid_argument(std::string(names.against) + " dim " + std::to_string(dim) +
                                ", got " + std::to_string(batch.dim) + " (" + names(0) + ")");
  }
  check_layout(batch, names);
  for (size_t item = 0; item < batch.size(); ++item) {
    check_matrix(batch.matrix(item), names(item), largest);
  }
}

}  // namespace maxsimd
