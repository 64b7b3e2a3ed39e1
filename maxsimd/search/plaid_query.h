// One query on its way through a corpus, stage by stage (PLAID: Santhanam, Khattab, Potts and
// Zaharia 2022, section 4):
//
//   score_centroids   the query's rows with all centroids
//   find_candidates   documents with a vector near one of the rows' best centroids
//   approximate       their MaxSim with each vector replaced by its centroid
//   score_selected    of the best, their MaxSim from centroid and residual, of those vectors only
//                     whose centroids are nearly a query row's best, in integers
//   score_residuals   of the best, that of all vectors
//   rank              the best of those in float32, as exact search has them
//
// The integer scores come with bounds of the exact ones, so rank() finds the exact top k of all
// that score_residuals() has scored, whatever k is. Where the vectors are stored beside their
// codes, rank_by_vectors() takes the place of the last two stages.
//
// Everything a query needs is kept and used again by the next. Scores and selections do not depend
// on the number of threads; ties go to the lower document number.
// Thread rule: one query at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/search/packed_query.h"
#include "maxsimd/search/plaid_centroid_scores.h"
#include "maxsimd/search/plaid_corpus.h"
#include "maxsimd/search/search_options.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

/// So many documents are scored from selected vectors for each that is scored from all.
inline constexpr size_t kSelectedPerFull = 6;
/// As long as they have no more vectors than so many, all of those documents are scored from all at
/// once: a millisecond, and no document is missed for its few selected ones.
inline constexpr size_t kVectorsInFull = 65536;

class PlaidQuery {
 public:
  explicit PlaidQuery(const PlaidCorpus& corpus) : corpus_(corpus) {}

  /// REQUIRES: at least one row, finite values, the corpus's dim. The query is viewed until it is
  /// ranked.
  void score_centroids(MatrixView<const float> query, ThreadPool& pool);

  /// `allowed` is by slot. When fewer than `wanted` are found, more centroids are probed, twice as
  /// many each time and without the threshold; where no more are allowed, all are candidates.
  /// Documents without vectors never are.
  void find_candidates(const Bitmap& allowed, size_t num_allowed, const PlaidParameters& parameters,
                       size_t wanted);

  /// Keeps the best num_kept candidates.
  void approximate(size_t num_kept, ThreadPool& pool);
  /// Keeps the best num_kept of them.
  void score_selected(size_t num_kept, ThreadPool& pool);
  void score_residuals(ThreadPool& pool);

  /// The best k, best first.
  std::vector<ScoredDocument> rank(size_t k, ThreadPool& pool);
  /// The best k by the vectors that are stored beside the codes, as exact search scores them.
  /// Throws FormatError where such a score is not finite (damage.h). REQUIRES: the corpus has them.
  std::vector<ScoredDocument> rank_by_vectors(size_t k, ThreadPool& pool);

  // Of the query at hand, for tests and benches.
  size_t num_candidates() const { return candidates_.size(); }
  size_t num_survivors() const { return survivors_.size(); }
  size_t num_vectors() const { return num_vectors_; }  // of the survivors of approximate()
  size_t num_ranked() const { return num_ranked_; }    // in float32

 private:
  struct Place {
    const PlaidSegment* segment;
    size_t document;  // in the segment
  };
  struct Survivor {
    double score;    // from residuals
    double highest;  // that the exact score may be
    DocId document;
    size_t first_mark;  // of marks_
    uint32_t slot;
    float exact;
  };
  struct alignas(64) Worker {
    AlignedBuffer<std::byte> residual_scratch;
    AlignedBuffer<float> maxsim_scratch;
    AlignedBuffer<float> lowest, highest;  // [columns]
    // Of the documents of a task: the rows that score_selected() looks at, and what it finds.
    std::vector<const uint8_t*> selected;
    std::vector<const int16_t*> selected_scores;
    std::vector<uint32_t> ends;
    AlignedBuffer<float> best;  // [documents, columns]
    // Of one document.
    std::vector<uint8_t> limits;      // [columns]
    std::vector<uint32_t> positions;  // of the rows
    std::vector<uint16_t> ids;
    std::vector<uint8_t> codes;
    std::vector<float> values;
  };

  Place place(uint32_t slot) const;
  kernels::ResidualRows rows_of(const Place& place) const;
  CodedRows vectors_of(const Survivor& survivor) const;
  void add_listed(const Bitmap& probes);
  void add_all();
  void collect(const Bitmap& allowed);
  void keep_best(size_t count);
  void set_score(const Worker& worker, Survivor& survivor) const;
  void make_survivors();
  void prepare_workers();
  void score_candidates(ThreadPool& pool);
  void select_rows(const kernels::ResidualRows& rows, const uint8_t* best, Worker& worker) const;
  void score_selected(std::span<Survivor> survivors, Worker& worker) const;
  template <class F>
  void for_survivors(ThreadPool& pool, const F& f);
  void score_exactly(std::span<Survivor> survivors, ThreadPool& pool);
  float exact_score(const Survivor& survivor, Worker& worker) const;

  const PlaidCorpus& corpus_;
  PackedQuery query_;
  PackedQuery stored_query_;  // for the codec of vectors stored beside the codes
  CentroidScores scores_;
  double fixed_error_ = 0.0;           // of a score from residuals, beside the scaled ones
  Bitmap found_;                       // by slot
  std::vector<uint32_t> candidates_;   // slots, ascending
  std::vector<uint32_t> approximate_;  // [candidates]
  std::vector<uint8_t> best_bytes_;    // [candidates, columns]: what approximate_ sums up
  std::vector<uint32_t> histogram_, tied_;
  std::vector<Survivor> survivors_;
  std::vector<uint8_t> marks_;  // of the survivors' rows: whether one may be some query row's best
  size_t num_vectors_ = 0;
  size_t num_ranked_ = 0;
  std::vector<Worker> workers_;
};

}  // namespace maxsimd
