#include "maxsimd/checkpoint/model_path.h"

#include "maxsimd/base/errors.h"

namespace maxsimd {

std::string checked_component(std::string_view name, const std::string& where) {
  std::string_view component = name;
  while (component.size() > 1 && component.ends_with('/')) component.remove_suffix(1);
  const bool is_inside =
      !component.empty() && component != "." && component != ".." &&
      component.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
  if (!is_inside) {
    throw FormatError(where + ": '" + std::string(name) +
                      "' is not allowed here: expected the plain name of a file or folder inside "
                      "the model folder");
  }
  return std::string(component);
}

}  // namespace maxsimd
