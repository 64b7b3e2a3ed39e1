// What the families of BERT call things in their checkpoints. The embedding tables have the same
// names in all.
#pragma once

#include <string>

#include "maxsimd/encoder/bert_config.h"

namespace maxsimd {

/// The parts of a layer: after its prefix, before ".weight" and ".bias".
struct BertLayerNames {
  const char *query, *key, *value, *attention_output, *attention_norm;
  const char *intermediate, *output, *output_norm;
};

const BertLayerNames& bert_layer_names(BertFamily family);

/// "encoder.layer.3."
std::string bert_layer_prefix(BertFamily family, size_t layer);

/// Keys of config.json that only training reads: of layers' outputs, of attention's probabilities.
struct BertDropoutKeys {
  const char *hidden, *attention;
};

const BertDropoutKeys& bert_dropout_keys(BertFamily family);

}  // namespace maxsimd
