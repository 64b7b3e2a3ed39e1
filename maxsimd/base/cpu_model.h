// What the processor of this machine is called, for people.
#pragma once

#include <string>
#include <string_view>

namespace maxsimd {

/// Of the first processor in /proc/cpuinfo, as cpu_model_of() reads it; empty where there is no
/// such file.
std::string cpu_model();

/// The name in a text like /proc/cpuinfo: "model name" (x86), or what "CPU implementer" and "CPU
/// part" stand for (64-bit ARM, which gives no name): "ARM Neoverse-N1", or the two numbers when
/// they are not known here. Empty when neither is there.
std::string cpu_model_of(std::string_view cpuinfo);

}  // namespace maxsimd
