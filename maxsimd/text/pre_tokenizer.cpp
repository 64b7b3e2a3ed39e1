#include "maxsimd/text/pre_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/text/text_pattern.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

bool is_whitespace(char32_t c) {
  return properties_of(c).is_whitespace();
}
bool is_punctuation(char32_t c) {
  return properties_of(c).is_punctuation();
}
bool is_numeric(char32_t c) {
  return properties_of(c).is_numeric();
}

class PatternSplitter final : public PreTokenizer {
 public:
  PatternSplitter(TextPattern pattern, SplitBehavior behavior, bool invert = false)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  void split(std::string_view text, std::vector<TextSpan>& parts) const override {
    std::vector<TextSpan> matches;
    pattern_(text, matches);
    split_at_matches(text.size(), matches, behavior_, invert_, parts);
  }

 private:
  TextPattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

// HF's Whitespace: the matches of \w+|[^\w\s]+.
class WordSplitter final : public PreTokenizer {
 public:
  void split(std::string_view text, std::vector<TextSpan>& parts) const override {
    enum class Kind { space, word, other };
    Kind before = Kind::space;
    for (size_t i = 0; i < text.size();) {
      const Utf8Decoded decoded = decode_utf8(text, i);
      const size_t end = i + decoded.length;
      const CodePointProperties properties = properties_of(decoded.code_point);
      const Kind kind = properties.is_word()         ? Kind::word
                        : properties.is_whitespace() ? Kind::space
                                                     : Kind::other;
      if (kind != Kind::space && kind == before) {
        parts.back().end = end;
      } else if (kind != Kind::space) {
        parts.push_back({i, end});
      }
      before = kind;
      i = end;
    }
  }
};

class SequencePreTokenizer : public PreTokenizer {
 public:
  explicit SequencePreTokenizer(std::vector<std::unique_ptr<PreTokenizer>> steps)
      : steps_(std::move(steps)) {}

  void split(std::string_view text, std::vector<TextSpan>& parts) const override {
    std::vector<TextSpan> current;
    if (!text.empty()) current.push_back({0, text.size()});
    for (const auto& step : steps_) {
      std::vector<TextSpan> next;
      for (const TextSpan& part : current) {
        const size_t first = next.size();
        step->split(text.substr(part.begin, part.end - part.begin), next);
        for (size_t i = first; i < next.size(); ++i) {
          next[i].begin += part.begin;
          next[i].end += part.begin;
        }
      }
      current = std::move(next);
    }
    parts.insert(parts.end(), current.begin(), current.end());
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> steps_;
};

std::unique_ptr<PreTokenizer> make_character_splitter(bool (*is_match)(char32_t),
                                                      SplitBehavior behavior) {
  return std::make_unique<PatternSplitter>(character_pattern(is_match), behavior);
}

std::vector<std::unique_ptr<PreTokenizer>> bert_steps() {
  std::vector<std::unique_ptr<PreTokenizer>> steps;
  steps.push_back(make_character_splitter(is_whitespace, SplitBehavior::removed));
  steps.push_back(make_character_splitter(is_punctuation, SplitBehavior::isolated));
  return steps;
}

class BertPreTokenizer final : public SequencePreTokenizer {
 public:
  BertPreTokenizer() : SequencePreTokenizer(bert_steps()) {}
  bool is_bert() const override { return true; }
};

SplitBehavior behavior_of(const ComponentJson& json) {
  const std::string name = json.text("behavior");
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  json.fail("behavior '" + name +
            "' is not one of Removed, Isolated, MergedWithPrevious, "
            "MergedWithNext and Contiguous");
}

std::unique_ptr<PreTokenizer> make_sequence(const ComponentJson& json) {
  std::vector<std::unique_ptr<PreTokenizer>> steps;
  for (const ComponentJson& step : json.objects("pretokenizers")) {
    steps.push_back(make_pre_tokenizer(step));
  }
  return std::make_unique<SequencePreTokenizer>(std::move(steps));
}

// Parts of the text in order: the matches and what is between them.
struct Part {
  TextSpan span;
  bool is_match = false;
};

std::vector<Part> cover(size_t size, std::span<const TextSpan> matches, bool invert) {
  std::vector<Part> parts;
  size_t done = 0;
  for (const TextSpan& match : matches) {
    if (done != match.begin) parts.push_back({{done, match.begin}, invert});
    parts.push_back({match, !invert});
    done = match.end;
  }
  if (done != size) parts.push_back({{done, size}, invert});
  return parts;
}

}  // namespace

void split_at_matches(size_t size, std::span<const TextSpan> matches, SplitBehavior behavior,
                      bool invert, std::vector<TextSpan>& parts) {
  std::vector<Part> covered = cover(size, matches, invert);
  const bool merges_next = behavior == SplitBehavior::merged_with_next;
  if (merges_next) std::reverse(covered.begin(), covered.end());
  std::vector<TextSpan> merged;
  bool previous_is_match = false;
  for (const Part& part : covered) {
    const bool joins =
        (behavior == SplitBehavior::contiguous && part.is_match == previous_is_match) ||
        ((behavior == SplitBehavior::merged_with_previous || merges_next) && part.is_match &&
         !previous_is_match);
    previous_is_match = part.is_match;
    if (behavior == SplitBehavior::removed && part.is_match) continue;
    if (!joins || merged.empty()) {
      merged.push_back(part.span);
    } else if (merges_next) {
      merged.back().begin = part.span.begin;
    } else {
      merged.back().end = part.span.end;
    }
  }
  if (merges_next) std::reverse(merged.begin(), merged.end());
  for (const TextSpan& span : merged) {
    if (span.begin != span.end) parts.push_back(span);
  }
}

std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer() {
  return std::make_unique<BertPreTokenizer>();
}

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ComponentJson& json) {
  const std::string type = json.type();
  if (type == "BertPreTokenizer") return make_bert_pre_tokenizer();
  if (type == "Whitespace") return std::make_unique<WordSplitter>();
  if (type == "WhitespaceSplit") {
    return make_character_splitter(is_whitespace, SplitBehavior::removed);
  }
  if (type == "Punctuation") {
    return make_character_splitter(
        is_punctuation, json.has("behavior") ? behavior_of(json) : SplitBehavior::isolated);
  }
  if (type == "Digits") {
    return make_character_splitter(is_numeric, json.boolean("individual_digits")
                                                   ? SplitBehavior::isolated
                                                   : SplitBehavior::contiguous);
  }
  if (type == "Split") {
    return std::make_unique<PatternSplitter>(make_text_pattern(json), behavior_of(json),
                                             json.boolean("invert"));
  }
  if (type == "Sequence") return make_sequence(json);
  json.fail_unsupported(
      "BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits, Split and Sequence");
}

}  // namespace maxsimd
