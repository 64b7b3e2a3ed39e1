// What a model is called on the Hugging Face hub.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace maxsimd {

/// What keeps `id` from being a name that a model can be published as, ORG/NAME or NAME alone;
/// empty when nothing does. The rules are huggingface_hub's (utils/_validators.py:
/// validate_repo_id).
std::string problem_of_model_id(std::string_view id);

struct HubSource {
  std::string id;
  std::string commit;
};

/// What a model folder is on the hub when it lies in the cache that Hugging Face's tools share:
/// .../models--ORG--NAME/snapshots/COMMIT. Nothing for any other folder.
std::optional<HubSource> hub_source_of(const std::filesystem::path& folder);

}  // namespace maxsimd
