#include "maxsimd/encoder/bert_names.h"

namespace maxsimd {
namespace {

constexpr BertLayerNames kBert = {
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .attention_output = "attention.output.dense",
    .attention_norm = "attention.output.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .output_norm = "output.LayerNorm",
};
constexpr BertLayerNames kDistilBert = {
    .query = "attention.q_lin",
    .key = "attention.k_lin",
    .value = "attention.v_lin",
    .attention_output = "attention.out_lin",
    .attention_norm = "sa_layer_norm",
    .intermediate = "ffn.lin1",
    .output = "ffn.lin2",
    .output_norm = "output_layer_norm",
};
constexpr BertDropoutKeys kBertDropout = {"hidden_dropout_prob", "attention_probs_dropout_prob"};
constexpr BertDropoutKeys kDistilBertDropout = {"dropout", "attention_dropout"};

}  // namespace

const BertLayerNames& bert_layer_names(BertFamily family) {
  return family == BertFamily::distilbert ? kDistilBert : kBert;
}

std::string bert_layer_prefix(BertFamily family, size_t layer) {
  std::string prefix = family == BertFamily::distilbert ? "transformer.layer." : "encoder.layer.";
  return prefix.append(std::to_string(layer)).append(".");
}

const BertDropoutKeys& bert_dropout_keys(BertFamily family) {
  return family == BertFamily::distilbert ? kDistilBertDropout : kBertDropout;
}

}  // namespace maxsimd
