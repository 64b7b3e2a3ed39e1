#include "maxsimd/encoder/bert_config.h"

#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

// No real encoder is near these; beyond them sizes could overflow or exhaust memory.
constexpr size_t kMaxDimension = size_t{1} << 20;
constexpr size_t kMaxLayers = 1024;

size_t require_size(const Json& config, const char* key, const std::string& where, size_t limit) {
  const auto found = config.find(key);
  if (found == config.end()) {
    throw FormatError(where + ": '" + key + "' is missing; a BERT config.json must have it");
  }
  if (!found->is_number_integer() || found->get<int64_t>() < 1 ||
      static_cast<uint64_t>(found->get<int64_t>()) > limit) {
    throw FormatError(where + ": '" + key + "': expected a whole number from 1 to " +
                      std::to_string(limit) + ", got " + found->dump());
  }
  return found->get<size_t>();
}

void require_value(const Json& config, const char* key, const char* expected,
                   const std::string& where) {
  const auto found = config.find(key);
  if (found == config.end() || *found == expected) return;
  throw FormatError(where + ": '" + key + "' is " + found->dump() +
                    ", which is not supported; supported: \"" + expected + "\"");
}

}  // namespace

BertConfig parse_bert_config(const std::string& text, const std::string& where) {
  const Json config = parse_json(text, where);
  if (!config.is_object()) throw FormatError(where + ": expected a JSON object");
  require_value(config, "hidden_act", "gelu", where);
  require_value(config, "position_embedding_type", "absolute", where);
  BertConfig out;
  out.hidden_size = require_size(config, "hidden_size", where, kMaxDimension);
  out.num_hidden_layers = require_size(config, "num_hidden_layers", where, kMaxLayers);
  out.num_attention_heads = require_size(config, "num_attention_heads", where, out.hidden_size);
  out.intermediate_size = require_size(config, "intermediate_size", where, kMaxDimension);
  out.vocab_size = require_size(config, "vocab_size", where, size_t{1} << 28);
  out.max_position_embeddings =
      require_size(config, "max_position_embeddings", where, size_t{1} << 24);
  if (config.contains("type_vocab_size")) {
    out.type_vocab_size = require_size(config, "type_vocab_size", where, kMaxDimension);
  }
  if (out.hidden_size % out.num_attention_heads != 0) {
    throw FormatError(where + ": hidden_size " + std::to_string(out.hidden_size) +
                      " is not a multiple of num_attention_heads " +
                      std::to_string(out.num_attention_heads));
  }
  const auto eps = config.find("layer_norm_eps");
  if (eps != config.end()) {
    if (!eps->is_number() || eps->get<double>() < 0 || eps->get<double>() > 1) {
      throw FormatError(where + ": 'layer_norm_eps': expected a number from 0 to 1, got " +
                        eps->dump());
    }
    out.layer_norm_eps = eps->get<float>();
  }
  return out;
}

}  // namespace maxsimd
