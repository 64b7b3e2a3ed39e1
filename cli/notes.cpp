#include "cli/notes.h"

#include <cstdio>

#include "maxsimd/base/printable.h"

namespace maxsimd::cli {
namespace {

void tell(const char* kind, std::span<const std::string> lines) {
  for (const std::string& line : lines) {
    std::fprintf(stderr, "%s: %s\n", kind, printable(line).c_str());
  }
}

}  // namespace

void tell_notes(std::span<const std::string> notes) {
  tell("note", notes);
}

void tell_skipped(std::span<const std::string> problems) {
  tell("skipped", problems);
}

}  // namespace maxsimd::cli
