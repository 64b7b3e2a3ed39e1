#include "maxsimd/collection/model_check.h"

#include <stdexcept>

#include "maxsimd/collection/fingerprint.h"

namespace maxsimd {
namespace {

constexpr size_t kShownDigits = 12;  // of a fingerprint's 64

std::string index_and_model(const std::filesystem::path& folder, const IndexSettings& settings) {
  return "index " + folder.string() +
         (settings.model.empty() ? " of bare embeddings" : " of model '" + settings.model + "'");
}

}  // namespace

void check_model(const std::filesystem::path& folder, const IndexSettings& settings,
                 const ColBERT& model, bool force) {
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
      settings.fingerprint.substr(0, kShownDigits) + ": model '" + model_folder +
      "' is another one or has other settings for documents, fingerprint " +
      fingerprint.substr(0, kShownDigits) +
      "; their vectors do not compare. Give the model the index was made with, or --force-model");
}

}  // namespace maxsimd
