#include "maxsimd/base/errors.h"

#include <cstdio>
#include <cstdlib>

namespace maxsimd::detail {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: internal error: assertion '%s' failed\n", file, line, condition);
  std::abort();
}

}  // namespace maxsimd::detail
