// For tests of losses over a whole model: a small BERT and batches of its words.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/training/batch_loss.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::training {

struct SmallModelOptions {
  size_t positions = 64;
  size_t heads = 2;  // of 8 dimensions together
  size_t document_length = 16;
};

struct SmallModel {
  explicit SmallModel(const SmallModelOptions& options = {})
      : model(load(folder.path(), options)), trained(model) {
    trained.set_dropout(0);
  }

  static ColBERT load(const std::filesystem::path& path, const SmallModelOptions& options) {
    testing_support::write_tiny_model(path,
                                      {.heads = options.heads, .positions = options.positions});
    return ColBERT::load(path, {.checkpoint = {.document_length = options.document_length}});
  }

  /// A batch of columns: queries, then documents.
  TokenizedBatch tokenize(const std::vector<std::vector<std::string>>& columns) const {
    TokenizedBatch batch;
    for (size_t c = 0; c < columns.size(); ++c) {
      auto& column = batch.columns.emplace_back();
      for (const std::string& text : columns[c]) {
        column.push_back(model.tokenize(text, c == 0 ? TextKind::query : TextKind::document));
      }
    }
    return batch;
  }

  testing_support::TempFolder folder;
  ColBERT model;
  ColbertModel trained;
};

/// Five queries with a positive and a negative each; their lengths differ.
inline const std::vector<std::vector<std::string>>& five_triplets() {
  static const std::vector<std::vector<std::string>> columns = {
      {"a red cat", "the dog runs", "blue", "hello world", "slow dogs"},
      {"the red cat runs fast", "dog", "a blue world .", "hello , hello world !", "e d c b a slow"},
      {"blue", "a slow cat runs , runs and runs", "...", "the dog", "fast red fast blue fast"}};
  return columns;
}

}  // namespace maxsimd::training
