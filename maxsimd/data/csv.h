// Records of comma-separated values (RFC 4180): fields between commas, a field in quotes may hold
// commas, line breaks and quotes (written twice). A record ends with LF or CR LF outside quotes.
// A quote inside a field that does not begin with one is text, as Python's csv and pandas have it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maxsimd {

/// Bytes of the record that begins at the front, with its line end; nothing when a field in quotes
/// has no end. 0 only for no bytes.
std::optional<size_t> csv_record_length(std::string_view bytes);

/// The fields of the record at the front of `bytes`, unquoted; `fields` is reused. Returns what is
/// wrong: text after a closing quote, a field without an end.
std::optional<std::string> parse_csv_record(std::string_view bytes,
                                            std::vector<std::string>& fields);

/// Appends a field, in quotes where it would be read as something else without them: it holds a
/// comma, a quote or a line end, or white space at an end. Commas and line ends are the caller's.
void append_csv_field(std::string& out, std::string_view field);

}  // namespace maxsimd
