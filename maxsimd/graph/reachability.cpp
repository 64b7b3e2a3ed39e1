#include "maxsimd/graph/reachability.h"

#include <limits>
#include <vector>

namespace maxsimd {
namespace {

class LevelConnector {
 public:
  LevelConnector(LinkLists& level, const kernels::KernelTable& kernels, const VectorsI8& vectors,
                 uint32_t entry, size_t ef)
      : level_(level),
        kernels_(kernels),
        vectors_(vectors),
        entry_(entry),
        ef_(ef),
        is_reached_(level.num_places()),
        latest_(level.num_places(), kNone) {
    scratch_.visited.reserve(level.num_places());
  }

  void connect() {
    reach(entry_);
    for (uint32_t place = 0; place < level_.num_places(); ++place) {
      if (is_reached_[place]) continue;
      attach(place);
      reach(place);
    }
  }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  // Marks all that is reachable from a place.
  void reach(uint32_t start) {
    is_reached_[start] = true;
    stack_.assign(1, start);
    while (!stack_.empty()) {
      const uint32_t place = stack_.back();
      stack_.pop_back();
      for (const uint32_t link : level_.links(place)) {
        if (is_reached_[link]) continue;
        is_reached_[link] = true;
        stack_.push_back(link);
      }
    }
  }

  // Links to the place from a near one that is reached.
  void attach(uint32_t place) {
    uint32_t host = near_host(place);
    // A full host has used its spare slot for the place attached to it latest, which stands in.
    while (level_.is_full(host)) host = latest_[host];
    level_.attach(host, place);
    latest_[host] = place;
  }

  uint32_t near_host(uint32_t place) {
    uint32_t nearest = kNone;
    for (const uint32_t link : level_.links(place)) {
      if (!is_reached_[link]) continue;
      if (!level_.is_full(link)) return link;
      if (nearest == kNone) nearest = link;
    }
    if (nearest != kNone) return nearest;
    const Probe probe = {kernels_, vectors_, vectors_.row(level_.row(place))};
    search_level(level_, probe, entry_, ef_, scratch_);
    return place_of(scratch_.best.sorted().front());
  }

  LinkLists& level_;
  const kernels::KernelTable& kernels_;
  const VectorsI8& vectors_;
  uint32_t entry_;
  size_t ef_;
  std::vector<bool> is_reached_;
  std::vector<uint32_t> latest_;
  std::vector<uint32_t> stack_;
  SearchScratch scratch_;
};

}  // namespace

void connect_level(LinkLists& level, const kernels::KernelTable& kernels, const VectorsI8& vectors,
                   uint32_t entry, size_t ef) {
  LevelConnector(level, kernels, vectors, entry, ef).connect();
}

}  // namespace maxsimd
