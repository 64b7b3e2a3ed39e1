// The hub's answer about a repository, and names on the hub, from bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/hub/hub_names.h"
#include "maxsimd/hub/repository.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  maxsimd::is_hub_id(text);
  maxsimd::is_revision(text);
  if (maxsimd::url_escaped(text, true).find_first_of(" \\?#") != std::string::npos) std::abort();
  try {
    for (const maxsimd::HubFile& file : maxsimd::parse_repository(text, "o/n", "fuzz").files) {
      if (!maxsimd::is_inner_path(file.name)) std::abort();
    }
  } catch (const maxsimd::FormatError&) {
  }
  return 0;
}
