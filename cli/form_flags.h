// How an index finds its documents and stores their vectors, as flags.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "maxsimd/index/index_settings.h"

namespace maxsimd::cli {

struct FormFlags {
  std::optional<std::string> kind, codec;
  std::optional<size_t> nbits, m, ef_construction;
};

/// Adds --kind, --codec, --nbits, --m and --ef-construction.
void add_form_flags(CLI::App& verb, FormFlags& flags);

/// The settings that flags say; a kind's own codec, 4 bits for residuals, and the library's
/// defaults, where they say nothing. Throws CLI::ValidationError for flags that do not fit
/// together.
IndexSettings chosen_form(const FormFlags& flags);

/// Throws std::invalid_argument, naming the index, where the flags ask for something else than it
/// has.
void check_form(const std::string& index, const IndexSettings& stored, const FormFlags& flags);

}  // namespace maxsimd::cli
