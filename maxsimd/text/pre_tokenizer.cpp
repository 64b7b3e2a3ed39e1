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

class PatternSplitter : public Splitter {
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
class WordSplitter final : public Splitter {
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

// HF's FixedLength: parts of so many characters.
class LengthSplitter final : public Splitter {
 public:
  explicit LengthSplitter(size_t length) : length_(length) {}

  void split(std::string_view text, std::vector<TextSpan>& parts) const override {
    size_t chars = 0;
    for (size_t i = 0; i < text.size(); ++chars) {
      const size_t end = i + decode_utf8(text, i).length;
      if (chars % length_ == 0) {
        parts.push_back({i, end});
      } else {
        parts.back().end = end;
      }
      i = end;
    }
  }

 private:
  size_t length_;
};

class WhitespaceSplitter final : public PatternSplitter {
 public:
  WhitespaceSplitter()
      : PatternSplitter(character_pattern(is_whitespace), SplitBehavior::removed) {}
  bool splits_whitespace() const override { return true; }
};

// A Split whose regex has a hand-written form.
class GptSplitter final : public Splitter {
 public:
  explicit GptSplitter(GptSplit kind) : kind_(kind) {}
  void split(std::string_view text, std::vector<TextSpan>& parts) const override {
    GptWords words(text, kind_);
    for (TextSpan word = words.next(); word.begin != word.end; word = words.next()) {
      parts.push_back(word);
    }
  }
  GptSplit gpt_split() const override { return kind_; }

 private:
  GptSplit kind_;
};

class SequencePreTokenizer : public PreTokenizer {
 public:
  explicit SequencePreTokenizer(std::vector<std::unique_ptr<PreTokenizer>> steps)
      : steps_(std::move(steps)) {}

  void apply(std::vector<NormalizedText>& pieces) const override {
    for (const auto& step : steps_) step->apply(pieces);
  }

  std::optional<ByteLevelPlan> byte_level_plan() const override {
    if (steps_.empty()) return std::nullopt;
    auto plan = steps_.back()->byte_level_plan();
    if (steps_.size() == 1 || !plan) return plan;
    if (plan->add_prefix_space || !plan->splitters.empty()) return std::nullopt;
    const GptSplit first = steps_[0]->gpt_split();
    if (steps_.size() == 2 && first != GptSplit::none && plan->split == GptSplit::none) {
      plan->split = first;  // a Split that has a hand-written form
      return plan;
    }
    for (size_t i = 0; i + 1 < steps_.size(); ++i) {
      if (steps_[i]->splitter() == nullptr) return std::nullopt;
      plan->splitters.push_back(steps_[i]->splitter());
    }
    return plan;
  }

  std::optional<MetaspacePlan> metaspace_plan() const override {
    if (steps_.size() == 1) return steps_[0]->metaspace_plan();
    if (steps_.size() != 2 || !steps_[0]->splits_whitespace()) return std::nullopt;
    auto plan = steps_[1]->metaspace_plan();
    if (plan) plan->splits_whitespace_first = true;
    return plan;
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

std::unique_ptr<PreTokenizer> make_split(const ComponentJson& json) {
  const SplitBehavior behavior = behavior_of(json);
  const bool invert = json.boolean("invert");
  TextPattern pattern = make_text_pattern(json);  // also checks it
  const ComponentJson given = json.object("pattern");
  const bool is_isolated_regex =
      behavior == SplitBehavior::isolated && !invert && !given.has("String");
  const GptSplit known = is_isolated_regex ? gpt_split_of(given.text("Regex")) : GptSplit::none;
  if (known != GptSplit::none) return std::make_unique<GptSplitter>(known);
  return std::make_unique<PatternSplitter>(std::move(pattern), behavior, invert);
}

std::unique_ptr<PreTokenizer> make_fixed_length(const ComponentJson& json) {
  const size_t length = json.has("length") ? json.count("length") : 5;
  if (length == 0) json.fail("'length' must be 1 or more");
  return std::make_unique<LengthSplitter>(length);
}

std::unique_ptr<PreTokenizer> make_delimiter_splitter(const ComponentJson& json) {
  return std::make_unique<PatternSplitter>(literal_pattern(json.character("delimiter")),
                                           SplitBehavior::removed);
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

void Splitter::apply(std::vector<NormalizedText>& pieces) const {
  std::vector<NormalizedText> parts;
  std::vector<TextSpan> spans;
  for (const NormalizedText& piece : pieces) {
    spans.clear();
    if (!piece.text().empty()) split(piece.text(), spans);
    for (const TextSpan& span : spans) parts.push_back(piece.slice(span));
  }
  pieces = std::move(parts);
}

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ComponentJson& json) {
  const std::string type = json.type();
  if (type == "BertPreTokenizer") return make_bert_pre_tokenizer();
  if (type == "Whitespace") return std::make_unique<WordSplitter>();
  if (type == "WhitespaceSplit") return std::make_unique<WhitespaceSplitter>();
  if (type == "ByteLevel") return make_byte_level_pre_tokenizer(json);
  if (type == "Metaspace") return make_metaspace_pre_tokenizer(json);
  if (type == "UnicodeScripts") return make_unicode_scripts_pre_tokenizer();
  if (type == "FixedLength") return make_fixed_length(json);
  if (type == "CharDelimiterSplit") return make_delimiter_splitter(json);
  if (type == "Punctuation") {
    return make_character_splitter(
        is_punctuation, json.has("behavior") ? behavior_of(json) : SplitBehavior::isolated);
  }
  if (type == "Digits") {
    return make_character_splitter(is_numeric, json.boolean("individual_digits")
                                                   ? SplitBehavior::isolated
                                                   : SplitBehavior::contiguous);
  }
  if (type == "Split") return make_split(json);
  if (type == "Sequence") return make_sequence(json);
  json.fail_unsupported(
      "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace, "
      "Punctuation, "
      "Sequence, Split, UnicodeScripts, Whitespace and WhitespaceSplit");
}

}  // namespace maxsimd
