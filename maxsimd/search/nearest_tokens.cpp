#include "maxsimd/search/nearest_tokens.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <tuple>

#include "maxsimd/index/validation.h"
#include "maxsimd/search/hnsw_corpus.h"

namespace maxsimd {
namespace {

// A vector on its way: where it lies decides ties.
struct Found {
  float cosine;
  DocId document;
  size_t row;
};

bool is_nearer(const Found& a, const Found& b) {
  return std::tuple(-a.cosine, a.document, a.row) < std::tuple(-b.cosine, b.document, b.row);
}

double dot(const float* a, const float* b, size_t dim) {
  double sum = 0;
  for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
  return sum;
}

class TokenSearch {
 public:
  TokenSearch(const HnswCorpus& corpus, const NearestTokensOptions& options)
      : corpus_(corpus),
        kernels_(corpus.index().kernels()),
        options_(options),
        dim_(corpus.index().settings().dim) {}

  std::vector<NearToken> search(const float* query, GraphScratch& scratch) const {
    std::vector<Found> found;
    search_graphs(query, scratch, found);
    corpus_.scanned().for_each([&](size_t slot) {
      const DocumentBlock& part = corpus_.part_of(slot);
      const size_t document = slot - part.first_slot;
      const CodedRows rows = part.rows_of(document);
      add(query, rows, part.document(document), 0, found);
    });
    const size_t count = std::min(options_.k, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
                      found.end(), is_nearer);
    std::vector<NearToken> nearest;
    for (size_t i = 0; i < count; ++i) nearest.push_back({found[i].document, found[i].cosine});
    return nearest;
  }

 private:
  void search_graphs(const float* query, GraphScratch& scratch, std::vector<Found>& found) const {
    const size_t stride = code_stride(Codec::int8, dim_);
    std::vector<int8_t> codes(stride);
    float scale = 0.0F;
    kernels_.quantize_rows_i8(query, dim_, 1, dim_, codes.data(), stride, &scale);
    for (const LinkedPart& part : corpus_.linked()) {
      const auto near = part.graph.search(
          codes, {.k = options_.k, .ef = options_.ef_search, .allowed = &part.rows}, scratch);
      for (const Neighbour& neighbour : near) {
        const size_t slot = part.slot_of(neighbour.row);
        const size_t document = slot - part.documents.first_slot;
        const auto first = part.documents.row_offsets[document] - part.documents.row_offsets[0];
        add(query, part.documents.rows.slice(neighbour.row, 1), part.documents.document(document),
            neighbour.row - static_cast<size_t>(first), found);
      }
    }
  }

  void add(const float* query, const CodedRows& rows, DocId document, size_t first_row,
           std::vector<Found>& found) const {
    const std::vector<float> values = decode(rows, kernels_);
    const double query_squares = dot(query, query, dim_);
    for (size_t r = 0; r < rows.num_rows(); ++r) {
      const float* row = values.data() + r * dim_;
      const double squares = query_squares * dot(row, row, dim_);
      const double cosine = squares > 0 ? dot(query, row, dim_) / std::sqrt(squares) : 0.0;
      found.push_back({static_cast<float>(cosine), document, first_row + r});
    }
  }

  const HnswCorpus& corpus_;
  const kernels::KernelTable& kernels_;
  const NearestTokensOptions& options_;
  size_t dim_;
};

}  // namespace

std::vector<std::vector<NearToken>> nearest_tokens(const Embeddings& queries, const Index& index,
                                                   const NearestTokensOptions& options,
                                                   ThreadPool& pool) {
  const IndexSettings& settings = index.settings();
  if (options.k == 0 || options.ef_search == 0) {
    throw std::invalid_argument("nearest tokens: k and ef_search must be at least 1");
  }
  if (settings.codec != Codec::int8) {
    throw std::invalid_argument(index.folder().string() +
                                ": search by graphs: expected codec int8, found " +
                                std::string(codec_name(settings.codec)));
  }
  check_embeddings(queries, settings.dim, {"query"});
  const HnswCorpus corpus(index, index.live());
  const TokenSearch search(corpus, options);
  std::vector<std::vector<NearToken>> results(queries.num_tokens());
  std::vector<GraphScratch> scratch(pool.num_threads());
  pool.parallel_for(results.size(), [&](size_t row, size_t worker) {
    results[row] = search.search(queries.values.data() + row * queries.dim, scratch[worker]);
  });
  return results;
}

}  // namespace maxsimd
