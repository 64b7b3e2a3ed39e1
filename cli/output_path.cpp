#include "cli/output_path.h"

#include <stdexcept>

namespace maxsimd::cli {

void check_output_is_no_input(const std::string& output,
                              const std::vector<std::filesystem::path>& inputs) {
  if (output.empty()) return;
  for (const std::filesystem::path& input : inputs) {
    std::error_code ignored;  // files that are not there are nobody's input
    if (std::filesystem::equivalent(output, input, ignored)) {
      throw std::invalid_argument(output + ": would be overwritten, but it is an input (" +
                                  input.string() + "); give another output");
    }
  }
}

}  // namespace maxsimd::cli
