#include "cli/hits.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace maxsimd::cli {

HitWriter::HitWriter(const std::string& run_path, bool json) : json_(json) {
  if (!run_path.empty()) run_.emplace(run_path);
}

void HitWriter::write(const std::string& query_id, std::span<const Hit> hits) {
  if (json_) {
    nlohmann::json list = nlohmann::json::array();
    for (const Hit& hit : hits) list.push_back({{"id", hit.id}, {"score", hit.score}});
    std::puts(nlohmann::json{{"query_id", query_id}, {"hits", list}}.dump().c_str());
  } else {
    size_t rank = 0;
    for (const Hit& hit : hits) {
      std::printf("%s\t%zu\t%s\t%.9g\n", query_id.c_str(), ++rank, hit.id.c_str(),
                  static_cast<double>(hit.score));
    }
  }
  if (run_) run_->add(query_id, hits);
}

void HitWriter::finish() {
  if (run_) run_->commit();
}

}  // namespace maxsimd::cli
