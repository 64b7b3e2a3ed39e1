// Models by their name on the Hugging Face hub: into the shared cache, and out of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "maxsimd/hub/hub_options.h"

namespace maxsimd {

/// The folder of a model that the cache has whole, without a request: by options.revision. One
/// that other tools put there counts only when options.offline asks for what there is. Throws
/// std::invalid_argument (the id, the revision), IoError.
std::optional<std::filesystem::path> cached_model(const std::string& id, const HubOptions& options);

/// Asks the hub for the revision's newest commit, downloads what the cache does not have, and
/// returns the model's folder; with options.offline that which the cache has. Two processes may
/// pull one model at once. Throws std::invalid_argument (the id, the revision, the endpoint),
/// IoError (offline, the server, the disk), FormatError (the server's answer).
std::filesystem::path pull_model(const std::string& id, const HubOptions& options);

}  // namespace maxsimd
