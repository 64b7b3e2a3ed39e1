#include "cli/shipped.h"

#include <cstdio>

#include "cli/hub_environment.h"

#include "maxsimd/base/errors.h"
#include "maxsimd/hub/hub_model.h"
#include "maxsimd/hub/hub_names.h"

namespace maxsimd::cli {

namespace fs = std::filesystem;

namespace {

fs::path find_hub_model(const std::string& id) {
  const HubOptions options = hub_options_of_environment();
  if (const auto folder = cached_model(id, options)) return *folder;
  std::fprintf(stderr, "note: %s: no such folder here; asking %s for a model of that name\n",
               id.c_str(), options.endpoint.c_str());
  return pull_shown(id, options);
}

}  // namespace

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
  if (is_hub_id(model)) return find_hub_model(model);
  throw IoError("model '" + model +
                "': no such folder; expected a folder with config.json, tokenizer.json and "
                "model.safetensors, 'mini' for the embedded model, or ORG/NAME on the hub");
}

}  // namespace maxsimd::cli
