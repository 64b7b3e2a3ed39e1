// Work in a process of its own, so that its memory can be told from what was there before.
#pragma once

#include <functional>
#include <string>

namespace maxsimd::cli {

/// What `work` returned, run in a fork of this process. REQUIRES: this process has one thread (no
/// model is loaded), and nothing waits in its output buffers. Throws IoError with the message of
/// what `work` threw, or when the child was killed.
std::string run_in_child(const std::function<std::string()>& work);

}  // namespace maxsimd::cli
