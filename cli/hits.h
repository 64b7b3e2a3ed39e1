// How ranked hits are printed: TSV (query_id, rank, id, score) or JSON lines on stdout, and, when
// asked, a TREC run file that appears whole or not at all.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "maxsimd/base/types.h"
#include "maxsimd/data/run.h"

namespace maxsimd::cli {

class HitWriter {
 public:
  /// run_path may be empty.
  HitWriter(const std::string& run_path, bool json);

  void write(const std::string& query_id, std::span<const Hit> hits);
  void finish();

 private:
  bool json_;
  std::optional<RunWriter> run_;
};

}  // namespace maxsimd::cli
