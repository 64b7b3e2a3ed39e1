// Evaluator specs from bytes: a one-line spec or JSON.
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/evaluation/evaluator_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    maxsimd::parse_evaluator_spec(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const std::invalid_argument&) {
  } catch (const maxsimd::FormatError&) {
  }
  return 0;
}
