#include "maxsimd/checkpoint/layout_limits.h"

#include <algorithm>
#include <stdexcept>

#include "maxsimd/checkpoint/multi_vector.h"
#include "maxsimd/checkpoint/stanford_files.h"

namespace maxsimd {
namespace {

using Reasons = std::vector<std::string>;

bool has_prompt_texts(const ColbertSettings& settings) {
  return std::ranges::any_of(settings.prompts,
                             [](const auto& prompt) { return !prompt.second.empty(); });
}

// PyLate puts a named prompt behind the prefix, sentence-transformers 6 in the prefix's place.
void check_prompts(const Checkpoint& checkpoint, CheckpointLayout layout, Reasons& reasons) {
  const auto inserts_prefix = [](CheckpointLayout of) {
    return of != CheckpointLayout::multi_vector_encoder;
  };
  if (!has_prompt_texts(checkpoint.settings)) return;
  if (layout == CheckpointLayout::stanford) {
    reasons.emplace_back("prompts");
  } else if (inserts_prefix(layout) != inserts_prefix(checkpoint.layout)) {
    reasons.emplace_back(
        "prompts (\"prompts\" of config_sentence_transformers.json): there they stand in another "
        "place than here");
  }
}

void check_multi_vector(const MultiVectorSettings& settings, Reasons& reasons) {
  if (settings.query_prompt || settings.document_prompt) {
    reasons.emplace_back("a prompt of more than one token for all queries or documents");
  }
  if (settings.expansion_token) reasons.emplace_back("another expansion token than the mask token");
  if (settings.expansion_length) {
    reasons.emplace_back("queries that may be longer than they are filled up to");
  }
  if (settings.skip_in_queries || !settings.skip_in_documents) {
    reasons.emplace_back("a skiplist for queries");
  }
}

void check_stanford_chain(const std::vector<DenseLayer>& chain, Reasons& reasons) {
  if (chain.size() > 1) reasons.emplace_back("a chain of Dense modules");
  for (const DenseLayer& layer : chain) {
    if (!layer.bias.empty()) reasons.emplace_back("a Dense module with bias");
    if (layer.activation != DenseActivation::identity) {
      reasons.push_back(std::string("a Dense module with the activation ")
                            .append(activation_path(layer.activation)));
    }
    if (layer.use_residual) reasons.emplace_back("a Dense module with a residual");
  }
}

// colbert-ai puts a dot before the text and the prefix in the dot's place, sentence-transformers
// the prefix and a space before it: both read the text as one that comes after something.
bool reads_texts_behind_a_prefix(const ColbertSettings& settings, const Tokenizer& tokenizer) {
  Tokenizer with_prefixes = Tokenizer::from_json(tokenizer.to_json(), "tokenizer.json");
  for (const std::string& prefix : {settings.query_prefix, settings.document_prefix}) {
    if (prefix.empty() || !tokenizer.token_to_id(prefix)) continue;  // told apart
    const TokenId id = with_prefixes.add_tokens({prefix}).front();
    if (!is_read_apart(with_prefixes, id, prefix + " ")) return false;
  }
  return true;
}

void check_stanford(const Checkpoint& checkpoint, const Tokenizer& tokenizer, Reasons& reasons) {
  const ColbertSettings& settings = checkpoint.settings;
  check_stanford_chain(checkpoint.dense, reasons);
  if (!stanford_weight_prefix(checkpoint)) {
    reasons.emplace_back("this \"model_type\" (config.json)");
  }
  if (!settings.do_query_expansion) reasons.emplace_back("queries without expansion");
  auto words = settings.skiplist_words;
  auto usual = default_skiplist_words();
  std::ranges::sort(words);
  std::ranges::sort(usual);
  if (words != usual) reasons.emplace_back("another skiplist than the ASCII punctuation");
  for (const std::string& prefix : {settings.query_prefix, settings.document_prefix}) {
    if (prefix.empty()) {
      reasons.emplace_back("an empty prefix");
    } else if (!tokenizer.token_to_id(prefix)) {
      reasons.push_back("the prefix '" + prefix + "', which is no token of its tokenizer");
    }
  }
  // What has that layout already is written as it was.
  if (checkpoint.layout == CheckpointLayout::stanford) return;
  if (!reads_texts_behind_a_prefix(settings, tokenizer)) {
    reasons.emplace_back(
        "a tokenizer to which a space before a text matters: sentence-transformers would give "
        "other vectors (--layout pylate holds the model)");
  }
}

void check_sentence_transformers(const ColbertSettings& settings, const Tokenizer& tokenizer,
                                 Reasons& reasons) {
  for (const std::string& prefix : {settings.query_prefix, settings.document_prefix}) {
    if (prefix.empty()) continue;
    if (!tokenizer.token_to_id(prefix)) {
      reasons.push_back("the prefix '" + prefix + "', which is no token of its tokenizer");
    } else if (!is_one_token(tokenizer, prefix)) {
      reasons.push_back("the prefix '" + prefix +
                        "': the tokenizer reads it, or the text behind it, otherwise than as a "
                        "token and a text of their own");
    }
  }
}

}  // namespace

const char* layout_name(CheckpointLayout layout) {
  switch (layout) {
    case CheckpointLayout::pylate:
      return "pylate";
    case CheckpointLayout::stanford:
      return "stanford";
    case CheckpointLayout::multi_vector_encoder:
      return "sentence-transformers";
    case CheckpointLayout::plain_encoder:
      return "plain encoder";
  }
  return "";
}

void check_layout_holds(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                        CheckpointLayout layout) {
  if (layout == CheckpointLayout::plain_encoder) {
    throw std::invalid_argument(
        "a plain encoder is no layout to write; expected pylate, stanford or "
        "sentence-transformers");
  }
  Reasons reasons;
  const ColbertSettings& settings = checkpoint.settings;
  check_prompts(checkpoint, layout, reasons);
  if (layout != CheckpointLayout::multi_vector_encoder) {
    check_multi_vector(settings.multi_vector, reasons);
  } else {
    check_sentence_transformers(settings, tokenizer, reasons);
  }
  if (layout == CheckpointLayout::stanford) check_stanford(checkpoint, tokenizer, reasons);
  if (layout != CheckpointLayout::pylate && settings.do_lower_case) {
    reasons.emplace_back("\"do_lower_case\" of sentence_bert_config.json");
  }
  if (reasons.empty()) return;
  std::string message = checkpoint.folder.string() + ": the layout '" + layout_name(layout) +
                        "' cannot hold this model. It has no place for ";
  for (size_t i = 0; i < reasons.size(); ++i) message += (i == 0 ? "" : "; ") + reasons[i];
  throw std::invalid_argument(message);
}

std::vector<std::string> layout_notes(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                                      CheckpointLayout layout) {
  std::vector<std::string> notes;
  const ColbertSettings& settings = checkpoint.settings;
  const bool strips = layout != CheckpointLayout::multi_vector_encoder;
  if (strips != settings.multi_vector.strip_texts &&
      tokenizer.encode(" a ").ids != tokenizer.encode("a").ids) {
    notes.push_back(std::string("white space at the ends of a text changes its tokens: ") +
                    (strips ? "dropped in the layout written, kept in the one read"
                            : "kept in the layout written, dropped in the one read"));
  }
  const bool has_unknown = std::ranges::any_of(
      settings.skiplist_words, [&](const auto& word) { return !tokenizer.token_to_id(word); });
  const bool is_as_before = checkpoint.layout == CheckpointLayout::stanford;
  if (layout == CheckpointLayout::stanford && has_unknown && tokenizer.unk_id() && !is_as_before) {
    notes.emplace_back(
        "words of the skiplist are no tokens of the model: PyLate and maxsimd leave unknown tokens "
        "out of documents for them, sentence-transformers keeps those of a Stanford folder "
        "(--layout sentence-transformers says it in its words)");
  }
  return notes;
}

}  // namespace maxsimd
