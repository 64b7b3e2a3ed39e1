// What the families of BERT call the parts of a layer in their checkpoints: before ".weight" and
// ".bias", after the layer's prefix. The embedding tables have the same names in all.
#pragma once

#include <string>

#include "maxsimd/encoder/bert_config.h"

namespace maxsimd {

struct BertLayerNames {
  const char *query, *key, *value, *attention_output, *attention_norm;
  const char *intermediate, *output, *output_norm;
};

const BertLayerNames& bert_layer_names(BertFamily family);

/// "encoder.layer.3."
std::string bert_layer_prefix(BertFamily family, size_t layer);

}  // namespace maxsimd
