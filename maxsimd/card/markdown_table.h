// Tables of a card, padded as transformers' make_markdown_table pads them, and texts made safe to
// stand in a cell. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace maxsimd {

enum class TableAlign { left, center };

/// Every row as wide as the header (in cells); a column is as wide as its longest cell in code
/// points. Each line ends with a newline.
std::string markdown_table(const std::vector<std::string>& header,
                           const std::vector<std::vector<std::string>>& rows, TableAlign align);

/// PyLate's cell of a sample: newlines as <br>, "|" escaped, nothing else.
std::string pylate_cell(std::string_view text);

/// A cell that shows the text as it is: what HTML and Markdown would read as theirs is escaped,
/// line breaks of any kind are <br>, control characters spaces.
std::string literal_cell(std::string_view text);

/// The same for a text outside of a table, on one line.
std::string literal_line(std::string_view text);

}  // namespace maxsimd
