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

namespace maxsimd::cli {

/// A hit and what else was asked about it.
struct ShownHit {
  Hit hit;
  std::optional<std::string> text;
  std::optional<std::vector<ExplainedMatch>> alignment;
};

struct HitFormat {
  std::string run;           // path of a TREC run file; empty: none
  bool json = false;         // JSON lines {query_id, hits: [{id, score[, text][, alignment]}]}
  bool integer_ids = false;  // JSON ids as numbers
};

class HitWriter {
 public:
  explicit HitWriter(HitFormat format);

  void write(const std::string& query_id, std::span<const Hit> hits);
  void write(const std::string& query_id, std::span<const ShownHit> hits);
  void finish();

 private:
  HitFormat format_;
  std::optional<RunWriter> run_;
};

}  // namespace maxsimd::cli
