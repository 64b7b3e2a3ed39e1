#include "maxsimd/collection/retraining.h"

#include <span>
#include <stdexcept>
#include <utility>

#include "maxsimd/collection/model_check.h"

namespace maxsimd {

std::optional<std::string> vectors_to_train_on(const IndexWriter& writer, std::string reason) {
  const IndexSettings& settings = writer.settings();
  if (settings.codec != Codec::residual) {
    return "the vectors stored beside the codes, which stay as they are";
  }
  if (reason.empty() && !settings.store_text) reason = "texts are not stored";
  if (reason.empty()) {
    const uint64_t missing = writer.num_without_text();
    if (missing == 0) return std::nullopt;
    reason = std::to_string(missing) + " documents have no stored text";
  }
  return "what is stored of the vectors, which is rounded already (" + reason + ")";
}

void refuse_unused_model(const std::filesystem::path& folder, std::string_view argument,
                         const std::string& vectors) {
  throw std::invalid_argument(folder.string() + ": " + std::string(argument) +
                              ": nothing is encoded, centroids are trained on " + vectors +
                              "; leave it out");
}

TextEncoder text_encoder(const std::filesystem::path& folder, const IndexWriter& writer,
                         std::shared_ptr<const ColBERT> model, std::string_view way_out,
                         std::function<void(size_t done, size_t total)> progress) {
  check_model(folder, writer.settings(), *model, false, way_out);
  return
      [model = std::move(model), progress = std::move(progress), total = writer.snapshot().size(),
       done = size_t{0}](std::span<const std::string> texts) mutable {
        const auto tell = [&](size_t encoded, size_t) { progress(done + encoded, total); };
        Embeddings embeddings = model->encode_documents(texts, {.progress = tell});
        done += texts.size();
        return embeddings;
      };
}

}  // namespace maxsimd
