#include "maxsimd/text/unicode/normal_forms.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

// One level of canonical decomposition; second is 0 for a singleton.
struct CanonicalPair {
  uint32_t code_point;
  uint32_t first;
  uint32_t second;
};

// The full compatibility decomposition is kCompatibilityPool[offset .. next entry's offset).
struct CompatibilityEntry {
  uint32_t code_point;
  uint32_t offset;
};

#include "maxsimd/text/unicode/normal_forms.inc"

// Hangul syllables are arithmetic (Unicode section 3.12).
constexpr char32_t kSyllableBase = 0xAC00;
constexpr char32_t kLeadBase = 0x1100;
constexpr char32_t kVowelBase = 0x1161;
constexpr char32_t kTrailBase = 0x11A7;  // one before the first trailing consonant
constexpr char32_t kNumLeads = 19;
constexpr char32_t kNumVowels = 21;
constexpr char32_t kNumTrails = 28;
constexpr char32_t kNumSyllables = kNumLeads * kNumVowels * kNumTrails;
constexpr char32_t kFirstDecomposable = 0xA0;

bool is_syllable(char32_t c) {
  return c >= kSyllableBase && c < kSyllableBase + kNumSyllables;
}

void append_syllable(char32_t syllable, std::u32string& out) {
  const char32_t index = syllable - kSyllableBase;
  out.push_back(kLeadBase + index / (kNumVowels * kNumTrails));
  out.push_back(kVowelBase + index % (kNumVowels * kNumTrails) / kNumTrails);
  if (index % kNumTrails != 0) out.push_back(kTrailBase + index % kNumTrails);
}

template <class Entry, size_t N>
const Entry* find_entry(const Entry (&entries)[N], char32_t code_point) {
  const Entry* const found =
      std::lower_bound(std::begin(entries), std::end(entries), code_point,
                       [](const Entry& entry, char32_t c) { return entry.code_point < c; });
  return found != std::end(entries) && found->code_point == code_point ? found : nullptr;
}

std::optional<char32_t> compose_hangul(char32_t first, char32_t second) {
  const char32_t lead = first - kLeadBase;
  const char32_t vowel = second - kVowelBase;
  if (lead < kNumLeads && vowel < kNumVowels) {
    return kSyllableBase + (lead * kNumVowels + vowel) * kNumTrails;
  }
  const char32_t trail = second - kTrailBase;
  if (is_syllable(first) && (first - kSyllableBase) % kNumTrails == 0 && trail > 0 &&
      trail < kNumTrails) {
    return first + trail;
  }
  return std::nullopt;
}

std::vector<RewrittenChar> decompose(std::u32string_view text, bool compatibility) {
  std::vector<RewrittenChar> out;
  out.reserve(text.size() + text.size() / 8);
  std::u32string parts;
  size_t pending = 0;  // start of the run that is still to be put in canonical order
  const auto sort_pending = [&out, &pending] {
    const auto by_class = [](const RewrittenChar& a, const RewrittenChar& b) {
      return combining_class(a.code_point) < combining_class(b.code_point);
    };
    const auto first = out.begin() + static_cast<std::ptrdiff_t>(pending);
    if (!std::is_sorted(first, out.end(), by_class)) std::stable_sort(first, out.end(), by_class);
    pending = out.size();
  };
  for (const char32_t c : text) {
    parts.clear();
    append_decomposition(c, compatibility, parts);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (combining_class(parts[i]) == 0) sort_pending();
      out.push_back({parts[i], i == 0 ? 0 : 1});
    }
  }
  sort_pending();
  return out;
}

// Canonical composition of one decomposed text: `base_` waits for marks that combine with it,
// those that do not wait in `marks_`.
class Composer {
 public:
  void push(RewrittenChar c) {
    const uint8_t mark_class = combining_class(c.code_point);
    if (!base_) {
      if (mark_class == 0) {
        base_ = c;
      } else {
        out_.push_back(c);
      }
      return;
    }
    const bool is_blocked = last_class_ && *last_class_ >= mark_class;
    if (!is_blocked) {
      if (const auto composite = compose(base_->code_point, c.code_point)) {
        base_ = RewrittenChar{*composite, base_->change + c.change - 1};
        return;
      }
    }
    if (mark_class == 0) {
      flush();
      base_ = c;
    } else {
      marks_.push_back(c);
      last_class_ = mark_class;
    }
  }

  std::vector<RewrittenChar> finish() {
    flush();
    return std::move(out_);
  }

 private:
  void flush() {
    if (base_) out_.push_back(*base_);
    out_.insert(out_.end(), marks_.begin(), marks_.end());
    base_.reset();
    marks_.clear();
    last_class_.reset();
  }

  std::vector<RewrittenChar> out_;
  std::optional<RewrittenChar> base_;
  std::vector<RewrittenChar> marks_;
  std::optional<uint8_t> last_class_;
};

}  // namespace

void append_decomposition(char32_t code_point, bool compatibility, std::u32string& out) {
  if (code_point < kFirstDecomposable) {
    out.push_back(code_point);
    return;
  }
  if (is_syllable(code_point)) {
    append_syllable(code_point, out);
    return;
  }
  if (compatibility) {
    if (const auto* entry = find_entry(kCompatibilityEntries, code_point)) {
      out.append(kCompatibilityPool + entry->offset, kCompatibilityPool + entry[1].offset);
      return;
    }
  }
  const auto* pair = find_entry(kCanonicalPairs, code_point);
  if (pair == nullptr) {
    out.push_back(code_point);
    return;
  }
  append_decomposition(pair->first, compatibility, out);
  if (pair->second != 0) append_decomposition(pair->second, compatibility, out);
}

// Not stable: what decomposes and does not compose again, what is reordered, what joins a
// composite.
NfcStable::NfcStable() : is_stable_(kNumKnown) {
  for (char32_t c = 0; c < kNumKnown; ++c) {
    const auto form = rewrite_in_normal_form({&c, 1}, NormalForm::nfc);
    is_stable_[c] = form.size() == 1 && form[0].code_point == c && combining_class(c) == 0;
  }
  for (const uint16_t index : kCompositionOrder) {
    const uint32_t second = kCanonicalPairs[index].second;
    if (second < kNumKnown) is_stable_[second] = false;
  }
  std::fill_n(is_stable_.begin() + kVowelBase, kNumVowels, false);
  std::fill_n(is_stable_.begin() + kTrailBase, kNumTrails, false);
}

std::optional<char32_t> compose(char32_t first, char32_t second) noexcept {
  if (const auto syllable = compose_hangul(first, second)) return syllable;
  const auto wanted = std::make_pair(static_cast<uint32_t>(first), static_cast<uint32_t>(second));
  const auto* const found = std::lower_bound(
      std::begin(kCompositionOrder), std::end(kCompositionOrder), wanted,
      [](uint16_t index, const std::pair<uint32_t, uint32_t>& key) {
        return std::make_pair(kCanonicalPairs[index].first, kCanonicalPairs[index].second) < key;
      });
  if (found == std::end(kCompositionOrder)) return std::nullopt;
  const CanonicalPair& pair = kCanonicalPairs[*found];
  if (pair.first != first || pair.second != second) return std::nullopt;
  return pair.code_point;
}

std::vector<RewrittenChar> rewrite_in_normal_form(std::u32string_view text, NormalForm form) {
  const bool compatibility = form == NormalForm::nfkc || form == NormalForm::nfkd;
  std::vector<RewrittenChar> decomposed = decompose(text, compatibility);
  if (form == NormalForm::nfd || form == NormalForm::nfkd) return decomposed;
  Composer composer;
  for (const RewrittenChar& c : decomposed) composer.push(c);
  return composer.finish();
}

}  // namespace maxsimd
