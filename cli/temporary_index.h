// An index of a corpus that lasts for one command.
#pragma once

#include <filesystem>

#include "cli/corpus.h"
#include "cli/stored_index.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/index.h"

namespace maxsimd::cli {

/// A folder for temporary files of the system (TMPDIR), and an index in it; removed at the end.
class TemporaryIndex {
 public:
  /// Encodes the documents and makes an index of them, as the index verb does, with progress bars.
  /// Throws IoError.
  TemporaryIndex(const ColBERT& model, const Corpus& corpus, const ChosenForm& form);
  TemporaryIndex(const TemporaryIndex&) = delete;
  TemporaryIndex& operator=(const TemporaryIndex&) = delete;
  ~TemporaryIndex();

  Index open(kernels::Isa isa) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace maxsimd::cli
