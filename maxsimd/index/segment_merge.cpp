#include "maxsimd/index/segment_merge.h"

#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/codebook/reservoir_sample.h"
#include "maxsimd/index/residual_coding.h"

namespace maxsimd {
namespace {

// Pages of the inputs that may be resident before they are given back.
constexpr uint64_t kReleaseBytes = uint64_t{32} << 20;

/// Gives the pages of what was read back, every so often.
class PageRelease {
 public:
  explicit PageRelease(std::span<const MergeInput> inputs) : inputs_(inputs) {}
  ~PageRelease() { release(); }
  PageRelease(const PageRelease&) = delete;
  PageRelease& operator=(const PageRelease&) = delete;

  void note(uint64_t bytes) {
    read_ += bytes;
    if (read_ >= kReleaseBytes) release();
  }

 private:
  void release() noexcept {
    read_ = 0;
    for (const MergeInput& input : inputs_) input.segment->release_pages();
  }

  std::span<const MergeInput> inputs_;
  uint64_t read_ = 0;
};

// Calls for the live documents of all inputs in the order of their numbers.
template <class Call>
void for_each_live(std::span<const MergeInput> inputs, Call call) {
  using Next = std::pair<DocId, size_t>;  // the next document of an input
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  std::vector<size_t> slots(inputs.size(), 0);
  const auto advance = [&](size_t i) {
    const MergeInput& input = inputs[i];
    while (slots[i] < input.segment->size() && !input.live->contains(slots[i])) ++slots[i];
    if (slots[i] < input.segment->size()) queue.emplace(input.segment->sequences()[slots[i]], i);
  };
  for (size_t i = 0; i < inputs.size(); ++i) advance(i);
  PageRelease pages(inputs);
  while (!queue.empty()) {
    const size_t i = queue.top().second;
    queue.pop();
    call(*inputs[i].segment, slots[i]);
    pages.note(inputs[i].segment->rows(slots[i]).codes.size());
    ++slots[i];
    advance(i);
  }
}

/// Gathers documents and codes them together.
class Recoder {
 public:
  Recoder(ThreadPool& pool, SegmentWriter& out, const RecodeProgress& progress)
      : coded_(*out.codebook()), pool_(pool), out_(out), progress_(progress) {
    waiting_.dim = out.codebook()->dim();
  }

  void add(DocId sequence, std::string_view id, const std::vector<float>& values) {
    waiting_.append({values.data(), values.size() / waiting_.dim, waiting_.dim});
    names_.emplace_back(sequence, id);
    if (waiting_.values.size() >= kRecodedValues) flush();
  }

  void flush() {
    coded_.encode({waiting_.values.data(), waiting_.num_tokens(), waiting_.dim}, pool_);
    const CodedRows rows = coded_.rows();
    for (size_t i = 0; i < names_.size(); ++i) {
      out_.add(names_[i].first, names_[i].second,
               rows.slice(static_cast<size_t>(waiting_.offsets[i]), waiting_.rows(i)));
    }
    if (progress_) progress_(waiting_.num_tokens());
    waiting_.values.clear();
    waiting_.offsets = {0};
    names_.clear();
  }

 private:
  CodedResiduals coded_;
  ThreadPool& pool_;
  SegmentWriter& out_;
  const RecodeProgress& progress_;
  Embeddings waiting_;
  std::vector<std::pair<DocId, std::string>> names_;
};

}  // namespace

void for_each_document(std::span<const MergeInput> inputs,
                       const std::function<void(DocId, std::string_view)>& call) {
  for_each_live(inputs, [&](const Segment& segment, size_t slot) {
    call(segment.sequences()[slot], segment.id(slot));
  });
}

void merge_segments(std::span<const MergeInput> inputs, const NextSegment& next) {
  for_each_live(inputs, [&](const Segment& segment, size_t slot) {
    next().add(segment.sequences()[slot], segment.id(slot), segment.rows(slot));
  });
}

void merge_residuals(std::span<const MergeInput> inputs, SegmentWriter& out) {
  for_each_live(inputs, [&](const Segment& segment, size_t slot) {
    out.add_residuals(segment.residuals(slot));
  });
}

void recode_segments(std::span<const MergeInput> inputs, ThreadPool& pool, SegmentWriter& out,
                     const RecodeProgress& progress) {
  Recoder recoder(pool, out, progress);
  for_each_live(inputs, [&](const Segment& segment, size_t slot) {
    recoder.add(segment.sequences()[slot], segment.id(slot),
                decode(segment.rows(slot), out.kernels()));
  });
  recoder.flush();
}

Codebook train_codebook(std::span<const MergeInput> inputs, const CodebookOptions& options,
                        const kernels::KernelTable& kernels, ThreadPool& pool) {
  const uint64_t total = count_live_vectors(inputs);
  const size_t num_centroids =
      options.num_centroids != 0 ? options.num_centroids : default_num_centroids(total);
  const size_t dim = inputs.front().segment->rows().dim;
  ReservoirSample sample(num_centroids * kMaxPointsPerCentroid, dim, options.seed);
  for_each_live(inputs, [&](const Segment& segment, size_t slot) {
    const std::vector<float> values = decode(segment.rows(slot), kernels);
    sample.add({values.data(), values.size() / dim, dim});
  });
  return Codebook::train(sample.rows(), total, options, pool);
}

uint64_t count_live_vectors(std::span<const MergeInput> inputs) {
  uint64_t total = 0;
  for (const auto& [segment, live] : inputs) {
    const auto offsets = segment->row_offsets();
    for (size_t slot = 0; slot < live->size(); ++slot) {
      if (live->contains(slot)) total += offsets[slot + 1] - offsets[slot];
    }
  }
  return total;
}

}  // namespace maxsimd
