#include "maxsimd/collection/model_check.h"

#include <optional>
#include <stdexcept>

#include "maxsimd/collection/fingerprint.h"

namespace maxsimd {
namespace {

constexpr size_t kShownDigits = 12;  // of a fingerprint's 64

std::string described(std::optional<size_t> length, const std::optional<std::string>& prefix) {
  std::string text;
  if (length) text.append("document_length ").append(std::to_string(*length));
  if (prefix)
    text.append(text.empty() ? "" : ", ").append("document_prefix '").append(*prefix).append("'");
  return text;
}

std::string made_with(const IndexSettings& settings) {
  const std::string text = described(settings.document_length, settings.document_prefix);
  return text.empty() ? "" : std::string(" with ").append(text);
}

// The same settings of a model as the index names of its own; both when it names none.
std::string loaded_with(const ColBERT& model, const IndexSettings& settings) {
  const bool all = !settings.document_length && !settings.document_prefix;
  std::optional<size_t> length;
  std::optional<std::string> prefix;
  if (all || settings.document_length) length = model.settings().document_length;
  if (all || settings.document_prefix) prefix = model.settings().document_prefix;
  return described(length, prefix);
}

std::string index_and_model(const std::filesystem::path& folder, const IndexSettings& settings) {
  return "index " + folder.string() +
         (settings.model.empty() ? " of bare embeddings"
                                 : " of model '" + settings.model + "'" + made_with(settings));
}

}  // namespace

CheckpointOptions with_index_settings(CheckpointOptions asked, const IndexSettings& settings) {
  if (!asked.document_length) asked.document_length = settings.document_length;
  if (!asked.document_prefix) asked.document_prefix = settings.document_prefix;
  return asked;
}

void check_model(const std::filesystem::path& folder, const IndexSettings& settings,
                 const ColBERT& model, bool force, std::string_view way_out) {
  const std::string model_folder = model.checkpoint().folder.string();
  if (model.dim() != settings.dim) {
    throw std::invalid_argument(index_and_model(folder, settings) + ": index dim " +
                                std::to_string(settings.dim) + ", got " +
                                std::to_string(model.dim()) + " (model '" + model_folder +
                                "'); give the model the index was made with");
  }
  if (settings.fingerprint.empty() || force) return;
  const std::string fingerprint = model_fingerprint(model);
  if (fingerprint == settings.fingerprint) return;
  throw std::invalid_argument(
      index_and_model(folder, settings) + ", fingerprint " +
      settings.fingerprint.substr(0, kShownDigits) + ": model '" + model_folder + "' with " +
      loaded_with(model, settings) +
      " is another one or has other settings for documents, fingerprint " +
      fingerprint.substr(0, kShownDigits) +
      "; their vectors do not compare. Give the model the index was made with, or " +
      std::string(way_out));
}

}  // namespace maxsimd
