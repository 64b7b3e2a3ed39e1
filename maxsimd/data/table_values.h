// The values of a table's cells: texts, ids, and lists, which formats without lists write as the
// text of one. Each returns what is wrong, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/json.h"

namespace maxsimd {

/// Takes a text out of a cell. `name` is the column's, for the message.
std::optional<std::string> take_text(const std::string& name, nlohmann::json& cell,
                                     std::string& out);

/// A cell that is an id: a text, or an integer of at most 64 bits, which stands for its digits.
std::optional<std::string> take_id(const std::string& name, nlohmann::json& cell, std::string& out);

/// The values of a list: a JSON list, or a text that is one, or one as Python prints it, of numbers
/// and texts alone: "[3, 7]", "['a', \"b\"]" (PyLate reads these with ast.literal_eval).
std::optional<std::string> take_list(const std::string& name, nlohmann::json& cell,
                                     std::vector<nlohmann::json>& out);

/// A list (take_list) of ids.
std::optional<std::string> take_ids(const std::string& name, nlohmann::json& cell,
                                    std::vector<std::string>& out);

/// A list (take_list) of finite numbers.
std::optional<std::string> take_numbers(const std::string& name, nlohmann::json& cell,
                                        std::vector<float>& out);

/// A list (take_list) of texts.
std::optional<std::string> take_texts(const std::string& name, nlohmann::json& cell,
                                      std::vector<std::string>& out);

}  // namespace maxsimd
