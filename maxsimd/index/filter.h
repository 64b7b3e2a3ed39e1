// A set of documents by number: the ones a search may return. One bit a document.
// Thread rule: const methods may run concurrently; add() needs outside synchronisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/index/coded_embeddings.h"

namespace maxsimd {

class Filter {
 public:
  /// Allows none of `num_documents` documents.
  explicit Filter(size_t num_documents) : allowed_(num_documents, false) {}

  /// Allows the listed documents; the order and repetitions do not matter. Throws
  /// std::invalid_argument naming a number that is not below num_documents.
  Filter(size_t num_documents, std::span<const DocId> documents) : Filter(num_documents) {
    for (const DocId document : documents) add(document);
  }

  void add(DocId document) {
    if (document >= allowed_.size()) {
      throw std::invalid_argument("filter: expected a document number below " +
                                  std::to_string(allowed_.size()) + ", got " +
                                  std::to_string(document));
    }
    if (!allowed_[document]) ++count_;
    allowed_[document] = true;
  }

  bool contains(DocId document) const { return allowed_[document]; }
  size_t count() const { return count_; }                   // documents allowed
  size_t num_documents() const { return allowed_.size(); }  // documents known

 private:
  std::vector<bool> allowed_;
  size_t count_ = 0;
};

}  // namespace maxsimd
