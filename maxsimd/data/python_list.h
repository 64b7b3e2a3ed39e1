// Lists as Python prints them, which is how tables without lists hold them: CSV files that pandas
// wrote, for one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/json.h"

namespace maxsimd {

/// Reads "[1, -2.5e-3, 'text', \"it's\"]": numbers and texts in square or round brackets, with the
/// escapes of repr() (\\ \' \" \n \r \t \xHH \uHHHH \UHHHHHHHH). What ast.literal_eval makes of
/// such a text; nothing else that it reads (nested lists, None, names) is. Returns what is wrong.
/// REQUIRES: valid UTF-8.
std::optional<std::string> parse_python_list(std::string_view text,
                                             std::vector<nlohmann::json>& out);

}  // namespace maxsimd
