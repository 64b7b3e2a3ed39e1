#include "maxsimd/base/process_memory.h"

#include <fstream>
#include <limits>
#include <string>

namespace maxsimd {

uint64_t process_memory_bytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  std::string name;
  while (status >> name) {
    if (name.size() == field.size() + 1 && name.starts_with(field) && name.back() == ':') {
      uint64_t kib = 0;
      return status >> kib ? kib * 1024 : 0;
    }
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace maxsimd
