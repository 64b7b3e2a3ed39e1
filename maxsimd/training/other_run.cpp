#include "maxsimd/training/other_run.h"

#include <stdexcept>

namespace maxsimd::training {

void refuse_other_run(const std::filesystem::path& folder, const std::string& problem) {
  throw std::invalid_argument(folder.string() + " is of another run: " + problem +
                              "; resume with what it was, or begin anew in another output_dir");
}

void refuse_other_run(const std::filesystem::path& folder, const std::string& what,
                      const std::string& was, const std::string& is) {
  refuse_other_run(folder, what + " was " + was + ", now it is " + is);
}

}  // namespace maxsimd::training
