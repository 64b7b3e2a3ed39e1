// What the benches of exact search scan: token vectors in the shape of SciFact, or those of a file
// of `maxsimd encode`. The work does not depend on the values, so seeded random unit vectors do.
#pragma once

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd::bench {

/// The default shape is SciFact's: 5,183 documents, 1.22 M vectors of dim 96, queries of 32 rows.
struct ScanShape {
  size_t num_documents = 5183;
  size_t num_queries = 32;
  size_t dim = 96;
};

class ScanInput {
 public:
  /// Random vectors where a path is empty; a file of documents sets the dim. Throws as
  /// read_embeddings(), std::invalid_argument when there is no query of the documents' dim.
  ScanInput(ScanShape shape, const std::string& document_path, const std::string& query_path);

  size_t dim() const { return shape_.dim; }
  /// Each with one query.
  const std::vector<Embeddings>& queries() const { return queries_; }
  Embeddings all_queries() const;
  double mean_query_rows() const;

  /// The documents in order, some hundred at a time.
  void for_each_batch(const std::function<void(const Embeddings&)>& call) const;

 private:
  ScanShape shape_;
  Embeddings given_;  // documents of a file
  bool is_given_ = false;
  std::vector<Embeddings> queries_;
};

}  // namespace maxsimd::bench
