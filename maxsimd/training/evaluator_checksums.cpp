#include "maxsimd/training/evaluator_checksums.h"

#include <filesystem>
#include <span>

#include "maxsimd/base/checksum.h"
#include "maxsimd/training/file_checksum.h"
#include "maxsimd/training/run_evaluators.h"

namespace maxsimd::training {
namespace {

uint64_t checksum_of(const EvaluatorSpec& spec) {
  std::vector<uint64_t> parts = {static_cast<uint64_t>(spec.kind), spec.normalize_scores ? 1U : 0U,
                                 spec.n_ways, spec.allow_missing_documents ? 1U : 0U,
                                 spec.ignore_identical_ids ? 1U : 0U};
  for (const std::filesystem::path& file : files_of(spec)) {
    if (!std::filesystem::is_regular_file(file)) continue;
    parts.push_back(file_checksum(file));
  }
  return checksum(std::as_bytes(std::span(parts)));
}

}  // namespace

std::vector<std::string> evaluator_checksums(const TrainingArguments& arguments) {
  std::vector<std::string> checksums;
  for (const EvaluatorSpec& spec : evaluator_specs(arguments)) {
    checksums.push_back(std::to_string(checksum_of(spec)));
  }
  return checksums;
}

}  // namespace maxsimd::training
