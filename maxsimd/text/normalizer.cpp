#include "maxsimd/text/normalizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/text/text_pattern.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const BertNormalizerOptions& options) : options_(options) {}

  void apply(NormalizedText& text) const override {
    if (options_.clean_text) clean(text);
    if (options_.handle_chinese_chars) space_out(text);
    if (options_.strips_accents()) {
      text.to_normal_form(NormalForm::nfd);
      text.filter([](char32_t c) { return !properties_of(c).is_nonspacing_mark(); });
    }
    if (options_.lowercase) text.to_lowercase();
  }
  const BertNormalizerOptions* bert() const override { return &options_; }

 private:
  static void clean(NormalizedText& text) {
    text.edit([](char32_t c, auto put) {
      const CodePointProperties properties = properties_of(c);
      if (properties.is_other() || c == kReplacementCharacter) return;
      put(properties.is_whitespace() ? U' ' : c);
    });
  }
  static void space_out(NormalizedText& text) {
    text.edit([](char32_t c, auto put) {
      if (!is_chinese_char(c)) return put(c);
      put(U' ');
      put(c);
      put(U' ');
    });
  }

  BertNormalizerOptions options_;
};

class NormalFormNormalizer final : public Normalizer {
 public:
  explicit NormalFormNormalizer(NormalForm form) : form_(form) {}
  void apply(NormalizedText& text) const override { text.to_normal_form(form_); }

 private:
  NormalForm form_;
};

class LowercaseNormalizer final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override { text.to_lowercase(); }
};

class StripAccentsNormalizer final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override {
    text.filter([](char32_t c) { return !properties_of(c).is_combining_mark(); });
  }
};

class StripNormalizer final : public Normalizer {
 public:
  StripNormalizer(bool left, bool right) : left_(left), right_(right) {}
  void apply(NormalizedText& text) const override { text.strip_whitespace(left_, right_); }

 private:
  bool left_;
  bool right_;
};

class PrependNormalizer final : public Normalizer {
 public:
  explicit PrependNormalizer(std::string prefix) : prefix_(std::move(prefix)) {}
  void apply(NormalizedText& text) const override { text.prepend(prefix_); }

 private:
  std::string prefix_;
};

class ReplaceNormalizer final : public Normalizer {
 public:
  ReplaceNormalizer(TextPattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(NormalizedText& text) const override {
    std::vector<TextSpan> matches;
    pattern_(text.text(), matches);
    if (!matches.empty()) text.replace(matches, content_);
  }

 private:
  TextPattern pattern_;
  std::string content_;
};

class SequenceNormalizer final : public Normalizer {
 public:
  explicit SequenceNormalizer(std::vector<std::unique_ptr<Normalizer>> steps)
      : steps_(std::move(steps)) {}
  void apply(NormalizedText& text) const override {
    for (const auto& step : steps_) step->apply(text);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> steps_;
};

BertNormalizerOptions bert_options(const ComponentJson& json) {
  BertNormalizerOptions options;
  options.clean_text = json.boolean("clean_text");
  options.handle_chinese_chars = json.boolean("handle_chinese_chars");
  if (json.has("strip_accents")) options.strip_accents = json.boolean("strip_accents");
  options.lowercase = json.boolean("lowercase");
  return options;
}

std::unique_ptr<Normalizer> make_sequence(const ComponentJson& json) {
  std::vector<std::unique_ptr<Normalizer>> steps;
  for (const ComponentJson& step : json.objects("normalizers")) {
    steps.push_back(make_normalizer(step));
  }
  return std::make_unique<SequenceNormalizer>(std::move(steps));
}

}  // namespace

bool is_chinese_char(char32_t c) noexcept {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options) {
  return std::make_unique<BertNormalizer>(options);
}

std::unique_ptr<Normalizer> make_normalizer(const ComponentJson& json) {
  const std::string type = json.type();
  if (type == "BertNormalizer") return make_bert_normalizer(bert_options(json));
  if (type == "NFC") return std::make_unique<NormalFormNormalizer>(NormalForm::nfc);
  if (type == "NFD") return std::make_unique<NormalFormNormalizer>(NormalForm::nfd);
  if (type == "NFKC") return std::make_unique<NormalFormNormalizer>(NormalForm::nfkc);
  if (type == "NFKD") return std::make_unique<NormalFormNormalizer>(NormalForm::nfkd);
  if (type == "Lowercase") return std::make_unique<LowercaseNormalizer>();
  if (type == "StripAccents") return std::make_unique<StripAccentsNormalizer>();
  if (type == "Strip") {
    return std::make_unique<StripNormalizer>(json.boolean("strip_left"),
                                             json.boolean("strip_right"));
  }
  if (type == "Prepend") return std::make_unique<PrependNormalizer>(json.text("prepend"));
  if (type == "Replace") {
    return std::make_unique<ReplaceNormalizer>(make_text_pattern(json), json.text("content"));
  }
  if (type == "Sequence") return make_sequence(json);
  json.fail_unsupported(
      "BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace and "
      "Sequence");
}

}  // namespace maxsimd
