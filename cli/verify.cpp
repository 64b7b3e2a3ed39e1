// maxsimd verify INDEX: reads every byte of an index and proves it whole.
#include <cstdio>
#include <memory>

#include "cli/index_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/verify.h"

namespace maxsimd::cli {
namespace {

VerifyReport verify(const std::string& index) {
  ProgressBar bar("verifying", "bytes");
  return verify_index(index, bar.callback());
}

void run(const std::string& index) {
  const VerifyReport report = verify(index);
  for (const std::string& problem : report.problems) std::puts(problem.c_str());
  if (!report.problems.empty()) {
    throw FormatError(
        index + ": " + std::to_string(report.problems.size()) +
        " problems found, listed above; restore the folder from a copy, or remove it and make the "
        "index anew");
  }
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "ok: commit %llu, %llu documents, %llu segments with %llu token vectors, %s checked\n",
      number(report.commit), number(report.num_documents), number(report.num_segments),
      number(report.num_vectors), format_bytes(report.bytes).c_str());
}

}  // namespace

void add_verify(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "verify", "read every byte of an index and check it; exit code 1 when something is wrong");
  const auto index = std::make_shared<std::string>();
  add_index_argument(*verb, *index);
  verb->callback([index] { run(*index); });
}

}  // namespace maxsimd::cli
