#include "maxsimd/text/unicode/code_points.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace maxsimd {
namespace {

// value holds from first up to the first of the next run.
struct Run {
  uint32_t first;
  uint32_t value;
};

// first, first + step, ..., last map to themselves + delta.
struct LowercaseRun {
  uint32_t first;
  uint32_t last;
  uint32_t step;
  int32_t delta;
};

#include "maxsimd/text/unicode/code_points.inc"

constexpr uint32_t kPageBits = 8;
constexpr uint32_t kNumPages = (kLastCodePoint >> kPageBits) + 1;

// page_start[p] = the run that holds at the first code point of page p, so that a search looks at
// the runs of one page only.
template <size_t N>
constexpr std::array<uint16_t, kNumPages + 1> index_pages(const Run (&runs)[N]) {
  std::array<uint16_t, kNumPages + 1> starts{};
  size_t run = 0;
  for (uint32_t page = 0; page < kNumPages; ++page) {
    while (run + 1 < N && runs[run + 1].first <= page << kPageBits) ++run;
    starts[page] = static_cast<uint16_t>(run);
  }
  starts[kNumPages] = static_cast<uint16_t>(N - 1);
  return starts;
}

constexpr auto kPropertyPages = index_pages(kPropertyRuns);
constexpr auto kCombiningClassPages = index_pages(kCombiningClassRuns);

template <size_t N>
uint32_t value_at(const Run (&runs)[N], const std::array<uint16_t, kNumPages + 1>& pages,
                  char32_t code_point) noexcept {
  if (code_point > kLastCodePoint) return runs[N - 1].value;
  const uint32_t page = static_cast<uint32_t>(code_point) >> kPageBits;
  const Run* const first = runs + pages[page];
  const Run* const last = runs + pages[page + 1] + 1;
  const Run* const next = std::upper_bound(
      first, last, code_point, [](char32_t c, const Run& run) { return c < run.first; });
  return (next - 1)->value;
}

}  // namespace

CodePointProperties properties_of(char32_t code_point) noexcept {
  return CodePointProperties(kPropertyPalette[value_at(kPropertyRuns, kPropertyPages, code_point)]);
}

int num_property_ranges() noexcept {
  return static_cast<int>(std::size(kPropertyRuns));
}

PropertyRange property_range(int i) noexcept {
  const Run& run = kPropertyRuns[i];
  const bool is_last = i + 1 == num_property_ranges();
  const char32_t last = is_last ? kLastCodePoint : kPropertyRuns[i + 1].first - 1;
  return {run.first, last, CodePointProperties(kPropertyPalette[run.value])};
}

uint8_t combining_class(char32_t code_point) noexcept {
  return static_cast<uint8_t>(value_at(kCombiningClassRuns, kCombiningClassPages, code_point));
}

LowercaseForm lowercase_of(char32_t code_point) noexcept {
  if (code_point < 0x80) {
    return {code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point};
  }
  if (code_point == 0x130) return {'i', 0x307};
  const LowercaseRun* const run =
      std::lower_bound(std::begin(kLowercaseRuns), std::end(kLowercaseRuns), code_point,
                       [](const LowercaseRun& r, char32_t c) { return r.last < c; });
  if (run == std::end(kLowercaseRuns) || code_point < run->first ||
      (code_point - run->first) % run->step != 0) {
    return {code_point};
  }
  return {static_cast<char32_t>(static_cast<int32_t>(code_point) + run->delta)};
}

}  // namespace maxsimd
