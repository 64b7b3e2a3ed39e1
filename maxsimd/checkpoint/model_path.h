// Names that the files of a model folder give to other files of it.
#pragma once

#include <string>
#include <string_view>

namespace maxsimd {

/// A name taken from a file: one relative component inside its folder ("1_Dense"); trailing slashes
/// are dropped. Throws FormatError starting with `where` for anything that could leave the folder.
std::string checked_component(std::string_view name, const std::string& where);

}  // namespace maxsimd
