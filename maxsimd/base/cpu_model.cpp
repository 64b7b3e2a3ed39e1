#include "maxsimd/base/cpu_model.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "maxsimd/base/strip.h"

namespace maxsimd {
namespace {

struct Part {
  std::string_view implementer, part, name;
};

// Main ID register of the processors that servers and small boards have (Arm's and the makers'
// technical reference manuals).
constexpr Part kParts[] = {
    {"0x41", "0xd03", "ARM Cortex-A53"},    {"0x41", "0xd07", "ARM Cortex-A57"},
    {"0x41", "0xd08", "ARM Cortex-A72"},    {"0x41", "0xd0b", "ARM Cortex-A76"},
    {"0x41", "0xd0c", "ARM Neoverse-N1"},   {"0x41", "0xd40", "ARM Neoverse-V1"},
    {"0x41", "0xd49", "ARM Neoverse-N2"},   {"0x41", "0xd4f", "ARM Neoverse-V2"},
    {"0x41", "0xd83", "ARM Neoverse-V3AE"}, {"0x41", "0xd84", "ARM Neoverse-V3"},
    {"0x41", "0xd8e", "ARM Neoverse-N3"},   {"0x46", "0x001", "Fujitsu A64FX"},
    {"0xc0", "0xac3", "Ampere-1"},          {"0xc0", "0xac4", "Ampere-1A"},
};

/// The value of the first line "NAME : VALUE"; empty when there is none.
std::string_view field(std::string_view cpuinfo, std::string_view name) {
  while (!cpuinfo.empty()) {
    const std::string_view line = cpuinfo.substr(0, cpuinfo.find('\n'));
    cpuinfo.remove_prefix(std::min(line.size() + 1, cpuinfo.size()));
    const size_t colon = line.find(':');
    if (colon == line.npos || strip_whitespace(line.substr(0, colon)) != name) continue;
    return strip_whitespace(line.substr(colon + 1));
  }
  return {};
}

}  // namespace

std::string cpu_model_of(std::string_view cpuinfo) {
  const std::string_view name = field(cpuinfo, "model name");
  if (!name.empty()) return std::string(name);
  const std::string_view implementer = field(cpuinfo, "CPU implementer");
  const std::string_view part = field(cpuinfo, "CPU part");
  if (implementer.empty() || part.empty()) return "";
  const auto* found = std::ranges::find_if(kParts, [&](const Part& known) {
    return known.implementer == implementer && known.part == part;
  });
  if (found != std::end(kParts)) return std::string(found->name);
  return std::string("ARM processor (implementer ").append(implementer) + ", part " +
         std::string(part).append(")");
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return cpu_model_of(text);
}

}  // namespace maxsimd
