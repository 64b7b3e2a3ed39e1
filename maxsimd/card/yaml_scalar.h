// How a string is written in YAML: plain, in single or in double quotes, and where it is folded.
// Private to this room. Follows PyYAML 6 (analyze_scalar and write_* in yaml/emitter.py).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace maxsimd {

enum class YamlStyle { plain, single_quoted, double_quoted };

/// The style a string needs in block context.
YamlStyle yaml_style_of(std::u32string_view text);

/// The string in its style, from `column` on; further lines are indented by `indent`.
std::string yaml_scalar(std::u32string_view text, size_t column, size_t indent);

}  // namespace maxsimd
