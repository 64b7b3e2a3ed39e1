// What the system says of this process's memory.
#pragma once

#include <cstdint>
#include <string_view>

namespace maxsimd {

/// Bytes of a field of /proc/self/status: "VmRSS" resident now, "VmHWM" at most so far (since the
/// process began; getrusage()'s mark would be the parent's, too), "RssAnon" of VmRSS what cannot be
/// read again from a file. 0 where the system has no such field.
uint64_t process_memory_bytes(std::string_view field);

}  // namespace maxsimd
