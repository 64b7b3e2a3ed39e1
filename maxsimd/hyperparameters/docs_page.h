// docs/hyperparameters.md: the table as a page for people. A test holds the file to this text;
// `hyperparameters_page > docs/hyperparameters.md` writes it anew.
#pragma once

#include <string>
#include <string_view>

namespace maxsimd {

/// The whole page, Markdown.
std::string hyperparameters_page();

/// The configuration file that the page shows.
std::string_view example_config();

}  // namespace maxsimd
