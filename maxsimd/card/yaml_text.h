// YAML as PyYAML writes it (yaml.dump with allow_unicode, keys in their order, 80 columns): the
// front matter of a card. Strings get PyYAML's quotes and folding; two kinds get more quotes than
// there, so that YAML 1.2 readers agree: what could be a number to them ("1e5", "1.2.3"), and
// strings with the line breaks U+0085, U+2028 or U+2029.
#pragma once

#include <string>

#include "maxsimd/base/json.h"

namespace maxsimd {

/// A JSON object of strings, numbers, booleans, null, lists and objects as a block of YAML; the
/// last line ends with a newline. Keys are short plain words. A list in a list is not supported
/// (std::invalid_argument). REQUIRES: strings are UTF-8.
std::string yaml_text(const nlohmann::ordered_json& object);

}  // namespace maxsimd
