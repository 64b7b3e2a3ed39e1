#include "maxsimd/index/verify.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/catalog.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_snapshot.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/stored_codebook.h"
#include "maxsimd/index/tuned_search.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// A damaged index can have as many problems as documents; these many say enough.
constexpr size_t kMaxProblems = 100;

struct Part {
  Segment segment;
  SegmentRecord record;
};

class Verification {
 public:
  Verification(const fs::path& folder, const std::function<void(uint64_t, uint64_t)>& progress)
      : folder_(folder), progress_(progress) {}

  /// An index that is replaced meanwhile is left, problems and all, for the one in its place.
  VerifyReport run() {
    for (;;) {
      const FileIdentity place(folder_ / kCatalogName);
      report_ = {};
      catalog_.reset();
      check();
      if (place == FileIdentity(folder_ / kCatalogName)) return std::move(report_);
    }
  }

 private:
  void check() {
    settings_ = {};
    guarded([&] { settings_ = read_index_settings(folder_); });
    guarded([&] { (void)read_tuned_search(folder_); });
    guarded([&] { catalog_.emplace(folder_ / kCatalogName); });
    if (!settings_.dim || !catalog_) return;
    const std::lock_guard lock(catalog_->mutex);
    guarded([&] {
      for (const std::string& problem : catalog_->checked().integrity_problems()) {
        add("catalog.sqlite: " + problem);
      }
    });
    guarded([&] { check_commit(); });
  }

  // Finding the next problem after one is this room's purpose, so errors become lines here.
  template <class Check>
  void guarded(Check check) {
    try {
      check();
    } catch (const FormatError& error) {
      add(error.what());
    } catch (const IoError& error) {
      add(error.what());
    }
  }

  void add(const std::string& problem) {
    if (report_.problems.size() < kMaxProblems) report_.problems.push_back(problem);
    if (report_.problems.size() == kMaxProblems - 1) report_.problems.push_back("... and more");
  }

  // A writer may commit meanwhile: what is checked is one commit, taken again when its files went.
  void check_commit() {
    for (;;) {
      const CatalogState state = catalog_->checked().read_state();
      parts_.clear();
      const bool all_there = open_segments(state);
      if (!all_there && catalog_->checked().read_commit() != state.commit) continue;
      report_.commit = state.commit;
      report_.num_segments = state.segments.size();
      report_.num_vectors = 0;
      check_state(state);
      if (!form_) return;  // nothing can be said of segments
      if (!check_documents(state)) continue;
      check_bytes();
      return;
    }
  }

  bool open_segments(const CatalogState& state) {
    missing_.clear();
    form_.reset();
    bool is_damaged = true;
    guarded([&] {
      form_ = segment_form(folder_, settings_, state.codebook, kernels::best_isa());
      is_damaged = false;
    });
    if (!form_) {
      if (is_damaged) return true;
      missing_.push_back(codebook_path(folder_, state.codebook->number).string() +
                         ": is missing, but the catalog names it");
      return false;
    }
    bool all_there = true;
    for (const SegmentRecord& record : state.segments) {
      const fs::path path = segment_path(folder_, record.number);
      guarded([&] {
        auto segment = Segment::open_if_exists(path, *form_);
        if (!segment) {
          all_there = false;
          missing_.push_back(path.string() + ": is missing, but the catalog names it");
          return;
        }
        parts_.push_back({std::move(*segment), record});
      });
    }
    return all_there;
  }

  void check_state(const CatalogState& state) {
    for (const std::string& problem : missing_) add(problem);
    check_codebook(state);
    for (const uint64_t number : state.dropped) {
      const bool is_live = (state.codebook && state.codebook->number == number) ||
                           std::ranges::any_of(state.segments, [&](const SegmentRecord& record) {
                             return record.number == number;
                           });
      if (!is_live && number < state.next_segment) continue;
      add("catalog.sqlite: segment or codebook number " + std::to_string(number) +
          " is noted as dropped, but " + (is_live ? "it lives" : "was never made"));
    }
    for (const Part& part : parts_) {
      const std::string name = "segment " + segment_name(part.record.number);
      if (part.segment.size() != part.record.live.size()) {
        add(name + ": the catalog counts " + std::to_string(part.record.live.size()) +
            " documents, the file " + std::to_string(part.segment.size()));
      }
      if (part.segment.num_vectors() != part.record.num_vectors) {
        add(name + ": the catalog counts " + std::to_string(part.record.num_vectors) +
            " vectors, the file " + std::to_string(part.segment.num_vectors()));
      }
      if (part.segment.header_checksum() != part.record.header_checksum) {
        add(name + ": its header checksum is not the one in the catalog");
      }
      if (part.record.number >= state.next_segment) {
        add(name + ": its number is not below the catalog's next, " +
            std::to_string(state.next_segment));
      }
      if (part.segment.size() > 0 && part.segment.sequences().back() >= state.next_sequence) {
        add(name + ": document number " + std::to_string(part.segment.sequences().back()) +
            " is not below the catalog's next, " + std::to_string(state.next_sequence));
      }
      report_.num_vectors += part.segment.num_vectors();
    }
  }

  void check_codebook(const CatalogState& state) {
    if (!state.codebook || state.codebook->number < state.next_segment) return;
    add("codebook " + std::to_string(state.codebook->number) +
        ": its number is not below the catalog's next, " + std::to_string(state.next_segment));
  }

  // Every live row of the catalog in exactly one segment, live, under its id; then, by counting,
  // the other way round. False when the rows of this commit are gone already.
  bool check_documents(const CatalogState& state) {
    uint64_t num_rows = 0;
    const bool complete =
        catalog_->checked().for_each_row(state.commit, [&](const Catalog::CheckedRow& row) {
          if (!row.possible) {
            add("catalog.sqlite: document number " + std::to_string(row.document) +
                " was added or removed by a commit that is still to come");
          }
          if (row.document >= state.next_sequence) return;  // added since
          if (!row.intact) {
            add("catalog.sqlite: the row of document number " + std::to_string(row.document) +
                " is damaged: its id, metadata or text is not what was stored");
          }
          if (!row.live) return;
          ++num_rows;
          check_document(row.document, row.id);
        });
    if (!complete) return false;
    uint64_t num_live = 0;
    for (const Part& part : parts_) num_live += part.record.live.count();
    if (num_live != num_rows) {
      add("the catalog has " + std::to_string(num_rows) + " live documents, the segments " +
          std::to_string(num_live));
    }
    report_.num_documents = num_live;
    return true;
  }

  void check_document(DocId document, std::string_view id) {
    size_t found = 0;
    for (const Part& part : parts_) {
      const auto slot = part.segment.find(document);
      if (!slot || *slot >= part.record.live.size() || !part.record.live.contains(*slot)) continue;
      ++found;
      if (part.segment.id(*slot) == id) continue;
      add("document number " + std::to_string(document) + ": its id is '" + std::string(id) +
          "' in the catalog and '" + std::string(part.segment.id(*slot)) + "' in segment " +
          segment_name(part.record.number));
    }
    if (found == 1) return;
    add("document '" + std::string(id) + "' (number " + std::to_string(document) + "): live in " +
        std::to_string(found) + " segments, expected 1");
  }

  void check_bytes() {
    // Every byte of the codebook was read when it was opened.
    report_.bytes += form_->codebook ? form_->codebook->size_bytes : 0;
    uint64_t total = report_.bytes;
    for (const Part& part : parts_) total += part.segment.size_bytes();
    for (const Part& part : parts_) {
      guarded([&] { part.segment.verify(); });
      report_.bytes += part.segment.size_bytes();
      if (progress_) progress_(report_.bytes, total);
    }
  }

  const fs::path& folder_;
  const std::function<void(uint64_t, uint64_t)>& progress_;
  VerifyReport report_;
  IndexSettings settings_;
  std::optional<SharedCatalog> catalog_;
  std::optional<SegmentForm> form_;
  std::vector<Part> parts_;
  std::vector<std::string> missing_;
};

}  // namespace

VerifyReport verify_index(const fs::path& folder,
                          const std::function<void(uint64_t, uint64_t)>& progress) {
  std::error_code ignored;
  if (!fs::exists(folder / kSettingsName, ignored)) (void)read_index_settings(folder);
  return Verification(folder, progress).run();
}

}  // namespace maxsimd
