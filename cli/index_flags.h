// What the verbs on an index share: the folder, the wait for its writer's lock, lists of ids.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/model_flags.h"
#include "cli/progress.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd::cli {

/// Adds INDEX, an index folder.
void add_index_argument(CLI::App& verb, std::string& index);

/// Adds --wait SECONDS, for verbs that write.
void add_wait_flag(CLI::App& verb, unsigned& seconds);

IndexWriterOptions writer_options(unsigned wait_seconds);

/// Shows how far the coding of vectors by new centroids is, the encoding of texts before it, or the
/// building of graphs, once it has begun. Must outlive the options' writer.
class RewriteBar {
 public:
  explicit RewriteBar(IndexWriterOptions& options);

  /// Of texts that are encoded for the writer, as it asks for them.
  void show_encoded(size_t done, size_t total);

  /// Ends the bar's line, for other output.
  void clear();

 private:
  std::optional<ProgressBar> encoding_, recoding_, graphs_;
};

/// "note: ..." where new centroids are advised for what was added.
void tell_drift(const Index& index, const std::string& name);

/// Completes the flags with what the index was made with: its model, unless one is given, and the
/// settings of documents that were asked of it then and are not now. Throws IoError when the model
/// is no longer there, and std::invalid_argument when none is given and the index has none.
void use_index_model(ModelFlags& flags, const std::string& index, const IndexSettings& settings);

/// Ids of a file, one a line; blank lines are passed over. Throws IoError, FormatError (file:line).
std::vector<std::string> read_id_file(const std::filesystem::path& path);

}  // namespace maxsimd::cli
