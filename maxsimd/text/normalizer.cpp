#include "maxsimd/text/normalizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/text/byte_level.h"
#include "maxsimd/text/precompiled.h"
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

class NfcNormalizer final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override { text.to_normal_form(NormalForm::nfc); }
  bool keeps(std::string_view text) const override {
    for (size_t i = 0; i < text.size();) {
      if (static_cast<uint8_t>(text[i]) < 0x80) {  // stable, all of them
        ++i;
        continue;
      }
      const Utf8Decoded decoded = decode_utf8(text, i);
      if (!is_stable_(decoded.code_point)) return false;
      i += decoded.length;
    }
    return true;
  }

 private:
  NfcStable is_stable_;
};

// HF's Nmt: control characters are dropped, and many more characters are white space.
class NmtNormalizer final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override {
    text.edit([](char32_t c, auto put) {
      if (!is_dropped(c)) put(is_space(c) ? U' ' : c);
    });
  }

 private:
  static bool is_dropped(char32_t c) {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
  }
  static bool is_space(char32_t c) {
    return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
           (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == 0xFFFD;
  }
};

class ByteLevelNormalizer final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override { to_byte_level(text); }
};

class PrecompiledNormalizer final : public Normalizer {
 public:
  explicit PrecompiledNormalizer(Charsmap charsmap) : charsmap_(std::move(charsmap)) {}
  void apply(NormalizedText& text) const override { charsmap_.apply(text); }
  bool keeps(std::string_view text) const override { return charsmap_.keeps(text); }

 private:
  Charsmap charsmap_;
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
  /// `needed` is in every match; empty = unknown.
  ReplaceNormalizer(TextPattern pattern, std::string content, std::string needed)
      : pattern_(std::move(pattern)), content_(std::move(content)), needed_(std::move(needed)) {}
  void apply(NormalizedText& text) const override {
    std::vector<TextSpan> matches;
    pattern_(text.text(), matches);
    if (!matches.empty()) text.replace(matches, content_);
  }
  bool keeps(std::string_view text) const override {
    return !needed_.empty() && text.find(needed_) == std::string_view::npos;
  }

 private:
  TextPattern pattern_;
  std::string content_;
  std::string needed_;
};

class SequenceNormalizer final : public Normalizer {
 public:
  explicit SequenceNormalizer(std::vector<std::unique_ptr<Normalizer>> steps)
      : steps_(std::move(steps)) {}
  void apply(NormalizedText& text) const override {
    for (const auto& step : steps_) step->apply(text);
  }
  bool keeps(std::string_view text) const override {
    return std::all_of(steps_.begin(), steps_.end(),
                       [text](const auto& step) { return step->keeps(text); });
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

std::unique_ptr<Normalizer> make_precompiled(const ComponentJson& json) {
  const auto bytes = decode_base64(json.text("precompiled_charsmap"));
  if (!bytes) json.fail("'precompiled_charsmap' is not base64");
  return std::make_unique<PrecompiledNormalizer>(Charsmap(*bytes, json.where()));
}

std::unique_ptr<Normalizer> make_replace(const ComponentJson& json) {
  TextPattern pattern = make_text_pattern(json);
  const ComponentJson given = json.object("pattern");
  std::string needed;
  if (given.has("String")) {
    needed = given.text("String");
  } else if (given.text("Regex") == " {2,}") {  // of T5 and its like
    needed = "  ";
  }
  return std::make_unique<ReplaceNormalizer>(std::move(pattern), json.text("content"), needed);
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
  if (type == "NFC") return std::make_unique<NfcNormalizer>();
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
  if (type == "Replace") return make_replace(json);
  if (type == "Nmt") return std::make_unique<NmtNormalizer>();
  if (type == "ByteLevel") return std::make_unique<ByteLevelNormalizer>();
  if (type == "Precompiled") return make_precompiled(json);
  if (type == "Sequence") return make_sequence(json);
  json.fail_unsupported(
      "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, "
      "Replace, Sequence, Strip and StripAccents");
}

}  // namespace maxsimd
