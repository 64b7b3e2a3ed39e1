#include "cli/shipped.h"

#include "maxsimd/base/errors.h"

namespace maxsimd::cli {

namespace fs = std::filesystem;

fs::path find_shipped(const std::string& relative) {
  std::error_code ignored;
  const fs::path executable = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path bin = executable.parent_path();
  for (const fs::path& root :
       {bin, bin / ".." / "share" / "maxsimd", bin / ".." / "..", bin / ".." / ".." / ".."}) {
    const fs::path candidate = root / relative;
    if (fs::exists(candidate, ignored)) return candidate.lexically_normal();
  }
  return {};
}

fs::path find_model(const std::string& model) {
  if (fs::is_directory(model)) return model;
  if (model == "mini") {
    const fs::path folder = find_shipped("models/mini");
    if (!folder.empty()) return folder;
    throw IoError(
        "model 'mini': models/mini is not beside the program, in its build tree, or under "
        "PREFIX/share/maxsimd; give a model folder instead");
  }
  throw IoError("model '" + model +
                "': no such folder; expected a folder with config.json, "
                "tokenizer.json and model.safetensors, or 'mini' for the embedded model");
}

}  // namespace maxsimd::cli
