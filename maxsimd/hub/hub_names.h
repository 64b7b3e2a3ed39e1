// Names of the Hugging Face hub: repositories, and files that a server claims to have.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace maxsimd {

/// Whether `text` is a repository's id, "ORG/NAME", as base/model_id.h has them.
bool is_hub_id(std::string_view text);

/// Whether a file's name stays inside a folder wherever it is put: components joined by '/', none
/// empty, "." or ".." or with a backslash or control character; 1,024 bytes and 8 parts at most.
bool is_inner_path(std::string_view name);

/// A branch, tag or commit: 1 to 255 printable bytes, which may hold '/' ("refs/pr/1") but are
/// otherwise an inner path.
bool is_revision(std::string_view text);

/// So many lower-case hexadecimal digits.
bool is_hex(std::string_view text, size_t digits);

/// A git commit: 40 of them.
bool is_commit(std::string_view text);

/// `text` with all bytes but letters, digits and "-._~" as %XX, and '/' too unless `keep_slashes`.
std::string url_escaped(std::string_view text, bool keep_slashes);

}  // namespace maxsimd
