#include "cli/index_flags.h"

#include <cstdio>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/collection/model_check.h"
#include "maxsimd/data/line_reader.h"
#include "maxsimd/hub/hub_names.h"

namespace maxsimd::cli {

void add_index_argument(CLI::App& verb, std::string& index) {
  verb.add_option("INDEX", index, "index folder")->required();
}

void add_wait_flag(CLI::App& verb, unsigned& seconds) {
  verb.add_option("--wait", seconds, "seconds to wait while another process writes to the index")
      ->check(CLI::Range(0U, 1000000U))
      ->capture_default_str();
}

IndexWriterOptions writer_options(unsigned wait_seconds) {
  return {.lock_timeout_ms = wait_seconds * 1000};
}

RewriteBar::RewriteBar(IndexWriterOptions& options) {
  options.recode_progress = [this](uint64_t done, uint64_t total) {
    encoding_.reset();
    if (!recoding_) recoding_.emplace("training and coding", "token vectors");
    recoding_->update(done, total);
  };
  options.graph_progress = [this](uint64_t done, uint64_t total) {
    if (done == 0 || !graphs_) graphs_.emplace("building graphs", "token vectors");
    graphs_->update(done, total);
  };
}

void RewriteBar::show_encoded(size_t done, size_t total) {
  if (!encoding_) encoding_.emplace("encoding texts anew", "documents");
  encoding_->update(done, total);
}

void RewriteBar::clear() {
  encoding_.reset();
  recoding_.reset();
  graphs_.reset();
}

void tell_drift(const Index& index, const std::string& name) {
  constexpr double kLargestDrift = 1.5;
  const auto use = index.codebook();
  if (!use || use->drift() <= kLargestDrift) return;
  std::fprintf(stderr,
               "note: the %llu token vectors added since the centroids were trained are %.2f times "
               "as far from what is stored of them as those were; 'maxsimd compact --retrain %s' "
               "trains anew\n",
               static_cast<unsigned long long>(use->num_added), use->drift(), name.c_str());
}

namespace {

// The model an index names, as it was given then.
std::string stored_model(const std::string& index, const IndexSettings& settings) {
  if (settings.model.empty()) {
    throw std::invalid_argument(index +
                                ": an index of bare embeddings has no model of its own; search it "
                                "with --query-embeddings, or give the --model they are from");
  }
  if (settings.model != "mini" && !is_hub_id(settings.model) &&
      !std::filesystem::is_directory(settings.model)) {
    throw IoError(index + ": made with the model '" + settings.model +
                  "', which is not there (seen from this folder); say with --model where it is");
  }
  return settings.model;
}

}  // namespace

void use_index_model(ModelFlags& flags, const std::string& index, const IndexSettings& settings) {
  if (flags.model.empty()) flags.model = stored_model(index, settings);
  flags.overrides = with_index_settings(std::move(flags.overrides), settings);
}

std::vector<std::string> read_id_file(const std::filesystem::path& path) {
  LineReader lines(path);
  std::vector<std::string> ids;
  while (const auto line = lines.next_nonblank()) {
    if (const auto problem = lines.utf8_problem(*line)) {
      throw FormatError(lines.where() + ": " + *problem);
    }
    if (line->find('\0') != std::string_view::npos) {
      throw FormatError(lines.where() + ": the id holds the character U+0000, which no id has");
    }
    ids.emplace_back(*line);
  }
  return ids;
}

}  // namespace maxsimd::cli
