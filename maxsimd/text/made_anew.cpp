#include "maxsimd/text/made_anew.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "maxsimd/base/utf8.h"
#include "maxsimd/text/byte_level.h"

namespace maxsimd {
namespace {

using nlohmann::json;

/// The component of a tokenizer.json: a Sequence of one is that one, an empty one is null.
json component(const json& document, const char* key, const char* steps) {
  json found = document.value(key, json());
  while (found.is_object() && found.value("type", "") == "Sequence" && found.contains(steps) &&
         found[steps].is_array() && found[steps].size() < 2) {
    const json only = found[steps].empty() ? json() : found[steps][0];
    found = only;
  }
  return found;
}

/// Whether every field of `wanted` is there with that value; one that is null or "" may be missing.
bool has_fields(const json& found, const json& wanted) {
  if (!found.is_object()) return false;
  const auto or_null = [](const json& value) { return value == "" ? json() : value; };
  return std::ranges::all_of(wanted.items(), [&](const auto& field) {
    return or_null(found.value(field.key(), json())) == or_null(field.value());
  });
}

class Comparison {
 public:
  Comparison(const json& document, const TokenizerConfig& config, const TextPipeline& pipeline)
      : config_(config),
        pipeline_(pipeline),
        family_(config.tokenizer_class.family),
        normalizer_(component(document, "normalizer", "normalizers")),
        pre_tokenizer_(component(document, "pre_tokenizer", "pretokenizers")),
        model_(document.at("model")) {}

  std::vector<std::string> other_parts() const {
    std::vector<std::string> parts;
    if (!is_same_normalizer()) parts.emplace_back("normalizer");
    if (!is_same_pre_tokenizer()) parts.emplace_back("pre_tokenizer");
    if (!is_same_model()) parts.emplace_back("model");
    if (!is_same_post_processor()) parts.emplace_back("post_processor");
    return parts;
  }

 private:
  bool is_same_normalizer() const {
    if (family_ == TokenizerFamily::bert) {
      const BertTokenizerSettings& bert = config_.bert;
      return has_fields(normalizer_,
                        {{"type", "BertNormalizer"},
                         {"clean_text", true},
                         {"handle_chinese_chars", bert.tokenize_chinese_chars},
                         {"strip_accents", bert.strip_accents ? json(*bert.strip_accents) : json()},
                         {"lowercase", bert.do_lower_case}});
    }
    if (family_ == TokenizerFamily::camembert) return is_camembert_normalizer();
    if (is_converted_xlm_roberta()) return true;
    // XLM-R keeps the first Precompiled and nothing else.
    const bool keeps_precompiled = family_ == TokenizerFamily::xlm_roberta;
    return normalizer_.is_null() ||
           (keeps_precompiled && has_fields(normalizer_, {{"type", "Precompiled"}}));
  }

  bool is_camembert_normalizer() const {
    if (!has_fields(normalizer_, {{"type", "Sequence"}})) return false;
    const json& steps = normalizer_["normalizers"];
    return steps.size() == 2 &&
           has_fields(steps[0], {{"type", "Replace"},
                                 {"pattern", {{"Regex", "\\s{2,}|[\\n\\r\\t]"}}},
                                 {"content", " "}}) &&
           has_fields(steps[1], {{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
  }

  // What transformers 4 makes of an XLM-R's SentencePiece model: the ids are the same but for
  // U+0085, which is white space to WhitespaceSplit and unknown text here.
  bool is_converted_xlm_roberta() const {
    if (family_ != TokenizerFamily::xlm_roberta || !is_metaspace(pre_tokenizer_) ||
        !*config_.overrides.metaspace_prefix_space ||
        !has_fields(normalizer_, {{"type", "Sequence"}})) {
      return false;
    }
    const json& steps = normalizer_["normalizers"];
    return steps.size() == 3 && has_fields(steps[0], {{"type", "Precompiled"}}) &&
           has_fields(steps[1],
                      {{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}}) &&
           has_fields(
               steps[2],
               {{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", "\u2581"}});
  }

  bool is_same_pre_tokenizer() const {
    switch (family_) {
      case TokenizerFamily::bert:
        return has_fields(pre_tokenizer_, {{"type", "BertPreTokenizer"}});
      case TokenizerFamily::camembert:
        return is_metaspace(pre_tokenizer_);
      case TokenizerFamily::xlm_roberta: {
        if (is_converted_xlm_roberta()) return true;
        if (!has_fields(pre_tokenizer_, {{"type", "Sequence"}})) return false;
        const json& steps = pre_tokenizer_["pretokenizers"];
        return steps.size() == 2 && has_fields(steps[0], {{"type", "WhitespaceSplit"}}) &&
               is_metaspace(steps[1]);
      }
      default:
        return has_fields(pre_tokenizer_, {{"type", "ByteLevel"}}) &&
               pre_tokenizer_.value("use_regex", json(true)) != false &&
               pre_tokenizer_.value("add_prefix_space", json()) ==
                   *config_.overrides.byte_level_prefix_space;
    }
  }

  bool is_metaspace(const json& step) const {
    return has_fields(step, {{"type", "Metaspace"}, {"replacement", "\u2581"}}) &&
           step.value("split", json(true)) != false &&
           step.value("prepend_scheme", json("always")) ==
               (*config_.overrides.metaspace_prefix_space ? "always" : "never");
  }

  bool is_same_model() const {
    switch (family_) {
      case TokenizerFamily::bert:
        return has_fields(model_, {{"type", "WordPiece"},
                                   {"continuing_subword_prefix", "##"},
                                   {"max_input_chars_per_word", 100},
                                   {"unk_token", config_.names.unk.value_or("[UNK]")}});
      case TokenizerFamily::xlm_roberta:
        return is_unigram_with_unknown(3);
      case TokenizerFamily::camembert:
        return is_unigram_with_unknown(
            pipeline_.token_to_id(config_.names.unk.value_or("<unk>")).value_or(0));
      default:
        return is_byte_level_bpe();
    }
  }

  bool is_unigram_with_unknown(TokenId id) const {
    return has_fields(model_, {{"type", "Unigram"}, {"unk_id", id}}) &&
           model_.value("byte_fallback", json(false)) != true;
  }

  // What is done with unknown text is no matter where every byte has a token.
  bool is_byte_level_bpe() const {
    if (!has_fields(
            model_,
            {{"type", "BPE"}, {"continuing_subword_prefix", ""}, {"end_of_word_suffix", ""}}) ||
        model_.value("ignore_merges", json(false)) == true) {
      return false;
    }
    const bool has_no_unknown = model_.value("unk_token", json()).is_null() &&
                                model_.value("byte_fallback", json(false)) != true;
    if (has_no_unknown) return true;
    return std::ranges::all_of(byte_level_alphabet(), [&](char32_t letter) {
      std::string token;
      append_utf8(token, letter);
      return pipeline_.model().token_to_id(token).has_value();
    });
  }

  bool is_same_post_processor() const {
    const SpecialTokenNames& names = config_.names;
    switch (family_) {
      case TokenizerFamily::bert:
        return is_frame(names.cls.value_or("[CLS]"), names.sep.value_or("[SEP]"));
      case TokenizerFamily::roberta:
        return is_frame(names.cls.value_or("<s>"), names.sep.value_or("</s>"));
      case TokenizerFamily::gpt2:
        return true;  // is the file's
      default:
        return is_frame(names.bos.value_or("<s>"), names.eos.value_or("</s>"));
    }
  }

  bool is_frame(const std::string& begin, const std::string& end) const {
    std::vector<std::optional<TokenId>> found;
    for (const FramePiece& piece : pipeline_.post_processor().pieces()) {
      if (piece.is_text) found.emplace_back(std::nullopt);
      found.insert(found.end(), piece.special.begin(), piece.special.end());
    }
    const auto first = pipeline_.token_to_id(begin);
    const auto last = pipeline_.token_to_id(end);
    return first && last && found == std::vector<std::optional<TokenId>>{first, std::nullopt, last};
  }

  const TokenizerConfig& config_;
  const TextPipeline& pipeline_;
  TokenizerFamily family_;
  json normalizer_, pre_tokenizer_;
  const json& model_;  // may hold the whole vocabulary
};

}  // namespace

std::vector<std::string> made_anew_notes(const json& document, const std::string& where,
                                         const TokenizerConfig& config,
                                         const TextPipeline& pipeline) {
  const TokenizerClass& tokenizer_class = config.tokenizer_class;
  if (tokenizer_class.family == TokenizerFamily::unknown) {
    return {where + ": transformers may have code of its own for a " + tokenizer_class.title() +
            " (" + tokenizer_class.place +
            ") and then gives other ids than this file, which maxsimd follows"};
  }
  if (!tokenizer_class.is_made_anew()) return {};
  const std::vector<std::string> parts = Comparison(document, config, pipeline).other_parts();
  if (parts.empty()) return {};
  std::string names;
  for (const std::string& part : parts)
    names.append(names.empty() ? "'" : ", '").append(part + "'");
  return {where + ": of a " + tokenizer_class.title() + " transformers 5 makes " + names +
          " anew, other than this file has " + (parts.size() == 1 ? "it" : "them") +
          ", and gives other ids; maxsimd, as transformers 4, follows the file"};
}

}  // namespace maxsimd
