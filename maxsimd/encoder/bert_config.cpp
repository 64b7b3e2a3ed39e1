#include "maxsimd/encoder/bert_config.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/encoder/config_values.h"

namespace maxsimd {
namespace {

constexpr std::pair<std::string_view, BertFamily> kFamilies[] = {
    {"bert", BertFamily::bert},
    {"camembert", BertFamily::roberta},
    {"distilbert", BertFamily::distilbert},
    {"roberta", BertFamily::roberta},
    {"xlm-roberta", BertFamily::roberta}};

/// What a family calls its settings.
struct Keys {
  const char *hidden_size, *num_hidden_layers, *num_attention_heads, *intermediate_size;
  const char* hidden_act;
};
constexpr Keys kBertKeys = {"hidden_size", "num_hidden_layers", "num_attention_heads",
                            "intermediate_size", "hidden_act"};
constexpr Keys kDistilBertKeys = {"dim", "n_layers", "n_heads", "hidden_dim", "activation"};

// DistilBERT's attribute_map: the usual names are set after its own, and so win.
Keys keys_of(const ConfigReader& config, bool is_distilbert) {
  if (!is_distilbert) return kBertKeys;
  Keys keys = kDistilBertKeys;
  if (config.count(kBertKeys.hidden_size)) keys.hidden_size = kBertKeys.hidden_size;
  if (config.count(kBertKeys.num_hidden_layers)) {
    keys.num_hidden_layers = kBertKeys.num_hidden_layers;
  }
  if (config.count(kBertKeys.num_attention_heads)) {
    keys.num_attention_heads = kBertKeys.num_attention_heads;
  }
  return keys;
}

void read_sizes(const ConfigReader& config, const Keys& keys, BertConfig& out) {
  out.hidden_size = count_or_fail(config, keys.hidden_size, kMaxDimension);
  out.num_hidden_layers = count_or_fail(config, keys.num_hidden_layers, kMaxLayers);
  out.num_attention_heads = count_or_fail(config, keys.num_attention_heads, out.hidden_size);
  out.intermediate_size = count_or_fail(config, keys.intermediate_size, kMaxDimension);
  out.vocab_size = count_or_fail(config, "vocab_size", kMaxVocabulary);
  out.max_position_embeddings = count_or_fail(config, "max_position_embeddings", size_t{1} << 24);
  if (out.hidden_size % out.num_attention_heads != 0) {
    config.fail(keys.hidden_size, std::string("a multiple of ") + keys.num_attention_heads + ", " +
                                      std::to_string(out.num_attention_heads));
  }
}

void check_positions(const ConfigReader& config, const BertConfig& sizes) {
  if (sizes.family != BertFamily::roberta) return;
  if (!sizes.pad_token_id) config.fail("pad_token_id", "a token's id: positions start after it");
  const size_t unused = *sizes.pad_token_id + 1;
  if (sizes.max_position_embeddings <= unused) {
    config.fail("max_position_embeddings",
                "more than " + std::to_string(unused) + ": positions start after pad_token_id");
  }
}

}  // namespace

std::optional<BertFamily> bert_family(std::string_view model_type) {
  for (const auto& [name, family] : kFamilies) {
    if (name == model_type) return family;
  }
  return std::nullopt;
}

BertConfig parse_bert_config(const std::string& text, const std::string& where) {
  const ConfigReader config = ConfigReader::parse(text, where);
  BertConfig out;
  out.model_type = config.text("model_type").value_or("bert");
  const std::optional<BertFamily> family = bert_family(out.model_type);
  if (!family) config.fail("model_type", "that of a BERT");
  out.family = *family;
  const bool is_distilbert = out.family == BertFamily::distilbert;
  const Keys keys = keys_of(config, is_distilbert);
  expect_one_of(config, keys.hidden_act, {"gelu", "gelu_python"});  // the same by other code
  expect_one_of(config, "position_embedding_type", {"absolute"});
  for (const char* key : {"is_decoder", "is_causal"}) expect_both_ways(config, key);
  read_sizes(config, keys, out);
  if (is_distilbert) {
    out.type_vocab_size = 0;  // sinusoidal_pos_embds: a start for training; the file has them
  } else {
    if (config.count("type_vocab_size")) {
      out.type_vocab_size = count_or_fail(config, "type_vocab_size", kMaxDimension);
    }
    out.layer_norm_eps = epsilon_or(config, "layer_norm_eps", 1e-12);
  }
  out.pad_token_id =
      pad_token_id_or(config, out.vocab_size, out.family == BertFamily::roberta ? 1 : 0);
  check_positions(config, out);
  return out;
}

}  // namespace maxsimd
