// The hub as the environment sets it up, by the variables of Hugging Face's own tools.
#pragma once

#include <filesystem>
#include <string>

#include "maxsimd/hub/hub_options.h"

namespace maxsimd::cli {

/// HF_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else
/// HOME/.cache/huggingface/hub; HF_ENDPOINT; HF_TOKEN, else the file HF_TOKEN_PATH or
/// HF_HOME/token; HF_HUB_OFFLINE (1, on, yes, true). Throws IoError: a token file that cannot be
/// read.
HubOptions hub_options_of_environment();

/// pull_model() (hub/hub_model.h) with a progress bar.
std::filesystem::path pull_shown(const std::string& id, HubOptions options);

}  // namespace maxsimd::cli
