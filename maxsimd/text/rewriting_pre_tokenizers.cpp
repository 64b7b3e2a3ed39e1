// The pre-tokenizers that rewrite what they split: Metaspace and ByteLevel.
#include <utility>

#include "maxsimd/text/byte_level.h"
#include "maxsimd/text/pre_tokenizer.h"
#include "maxsimd/text/text_pattern.h"

namespace maxsimd {
namespace {

// Replaces every piece by its parts, each rewritten by rewrite(piece) before it is split.
template <class Rewrite, class Split>
void rewrite_and_split(std::vector<NormalizedText>& pieces, Rewrite rewrite, Split split) {
  std::vector<NormalizedText> parts;
  std::vector<TextSpan> spans;
  for (NormalizedText& piece : pieces) {
    rewrite(piece);
    spans.clear();
    if (!piece.text().empty()) split(piece.text(), spans);
    for (const TextSpan& span : spans) parts.push_back(piece.slice(span));
  }
  pieces = std::move(parts);
}

class MetaspacePreTokenizer final : public PreTokenizer {
 public:
  MetaspacePreTokenizer(MetaspacePlan plan, bool splits)
      : plan_(std::move(plan)),
        splits_(splits),
        space_(literal_pattern(" ")),
        replacement_(literal_pattern(plan_.replacement)) {}

  void apply(std::vector<NormalizedText>& pieces) const override {
    rewrite_and_split(
        pieces, [this](NormalizedText& piece) { rewrite(piece); },
        [this](std::string_view text, std::vector<TextSpan>& spans) {
          if (!splits_) return spans.push_back({0, text.size()});
          std::vector<TextSpan> matches;
          replacement_(text, matches);
          split_at_matches(text.size(), matches, SplitBehavior::merged_with_next, false, spans);
        });
  }

  std::optional<MetaspacePlan> metaspace_plan() const override {
    return splits_ ? std::optional(plan_) : std::nullopt;
  }

 private:
  void rewrite(NormalizedText& piece) const {
    std::vector<TextSpan> matches;
    space_(piece.text(), matches);
    if (!matches.empty()) piece.replace(matches, plan_.replacement);
    const bool prepends = plan_.prepend_scheme == PrependScheme::always ||
                          (plan_.prepend_scheme == PrependScheme::first && piece.begin() == 0);
    if (prepends && !piece.text().starts_with(plan_.replacement)) piece.prepend(plan_.replacement);
  }

  MetaspacePlan plan_;
  bool splits_;
  TextPattern space_;
  TextPattern replacement_;
};

class ByteLevelPreTokenizer final : public PreTokenizer {
 public:
  explicit ByteLevelPreTokenizer(const ByteLevelPlan& plan) : plan_(plan) {}

  void apply(std::vector<NormalizedText>& pieces) const override {
    rewrite_and_split(
        pieces,
        [this](NormalizedText& piece) {
          if (plan_.add_prefix_space && !piece.text().starts_with(' ')) piece.prepend(" ");
        },
        [this](std::string_view text, std::vector<TextSpan>& spans) {
          if (plan_.split == GptSplit::none) return spans.push_back({0, text.size()});
          GptWords words(text, plan_.split);
          for (TextSpan word = words.next(); word.begin != word.end; word = words.next()) {
            spans.push_back(word);
          }
        });
    for (NormalizedText& piece : pieces) to_byte_level(piece);
  }

  std::optional<ByteLevelPlan> byte_level_plan() const override { return plan_; }

 private:
  ByteLevelPlan plan_;
};

PrependScheme prepend_scheme_of(const ComponentJson& json) {
  const std::string name = json.text("prepend_scheme");
  if (name == "always") return PrependScheme::always;
  if (name == "first") return PrependScheme::first;
  if (name == "never") return PrependScheme::never;
  json.fail("prepend_scheme '" + name + "' is not one of always, first and never");
}

}  // namespace

// Old files have add_prefix_space (and str_rep) instead of prepend_scheme; HF refuses a file whose
// two keys contradict each other, and reads add_prefix_space = true as nothing.
std::unique_ptr<PreTokenizer> make_metaspace_pre_tokenizer(const ComponentJson& json) {
  MetaspacePlan plan;
  plan.replacement = json.character("replacement");
  if (json.has("prepend_scheme")) plan.prepend_scheme = prepend_scheme_of(json);
  if (!json.boolean_or("add_prefix_space", true)) {
    if (plan.prepend_scheme != PrependScheme::never) {
      json.fail("add_prefix_space is false, but prepend_scheme is not 'never'");
    }
  }
  return std::make_unique<MetaspacePreTokenizer>(std::move(plan), json.boolean_or("split", true));
}

std::unique_ptr<PreTokenizer> make_byte_level_pre_tokenizer(const ComponentJson& json) {
  ByteLevelPlan plan;
  plan.add_prefix_space = json.boolean("add_prefix_space");
  json.boolean("trim_offsets");  // of the post-processor of the same name; must be there
  plan.split = json.boolean_or("use_regex", true) ? GptSplit::gpt2 : GptSplit::none;
  return std::make_unique<ByteLevelPreTokenizer>(plan);
}

}  // namespace maxsimd
