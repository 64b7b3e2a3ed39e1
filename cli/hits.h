// How ranked hits are printed: TSV (query_id, rank, id, score[, text][, words that matched]) or
// JSON lines on stdout, and, when asked, a TREC run file that appears whole or not at all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/collection/collection.h"
#include "maxsimd/data/run.h"
#include "maxsimd/index/index.h"

namespace maxsimd::cli {

/// A hit and what else was asked about it.
struct ShownHit {
  Hit hit;
  std::optional<std::string> text;
  std::optional<std::vector<ExplainedMatch>> alignment;
};

struct HitFormat {
  std::string run;    // path of a TREC run file; empty: none
  bool json = false;  // JSON lines {query_id, hits: [{id, score[, text][, alignment]}]}
};

/// Throws std::invalid_argument when the output cannot hold a query's id: white space in a run,
/// tabs and line breaks in TSV.
void check_query_id(const HitFormat& format, const std::string& id);

/// What --help says about scores and ids, in lines.
extern const char* const kHitNotes;

class HitWriter {
 public:
  explicit HitWriter(HitFormat format);

  /// JSON ids are numbers where `type` is integer. Throws std::invalid_argument, with nothing of
  /// the query printed, for an id that the output cannot hold; IoError.
  void write(const std::string& query_id, std::span<const Hit> hits, IdType type);
  void write(const std::string& query_id, std::span<const ShownHit> hits, IdType type);
  void finish();

 private:
  HitFormat format_;
  std::optional<RunWriter> run_;
};

}  // namespace maxsimd::cli
