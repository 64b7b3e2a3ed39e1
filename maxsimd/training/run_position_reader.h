// Reads the position of a run from its checkpoint's trainer_state.json.
#pragma once

#include <string>

#include "maxsimd/base/json.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// `where` names the file in messages. Throws FormatError (a number that no run can have: of
/// another type or out of range) and nlohmann::json::exception (a member is missing).
RunPosition read_position(const nlohmann::json& state, const std::string& where);

/// state.num_processes, at least 1. Throws as read_position().
int64_t read_num_processes(const nlohmann::json& state, const std::string& where);

}  // namespace maxsimd::training
