// What a model's document vectors depend on, as one number: an index remembers it, and another
// model is told apart before it searches vectors that are not its own.
//
// SHA-256 over
//   - config.json without what no vector depends on: names, labels, versions, dropout, number type,
//     token ids of generation, and keys that state their default;
//   - the settings of documents: document_prefix, document_length, the set of skiplist words,
//     do_lower_case, the text of the default prompt;
//   - the Dense chain: widths, activations, residuals;
//   - the tokenizer's file: normalizer, pre-tokenizer, model with its vocabulary,
//     post-processor, added tokens but the prefixes; not truncation and padding;
//   - every tensor of encoder and chain: canonical name, shape, and kSampledValues evenly spaced
//     values rounded to bfloat16. The pooler and heads, which no ColBERT uses, do not count.
//
// Settings of queries (prefix, length, expansion) do not count, nor where the folder lies, its
// layout, how weights are named or split in files.
//
// Copies in another number type: a copy that loses nothing (float16 or bfloat16 as float32) and a
// bfloat16 copy have the fingerprint of the original. A float16 copy of float32 weights has not,
// as a rule: rounding to float16 first can tip a value that lies near the middle of two bfloat16
// numbers to the other one, which happens to about 1 value in 16.
#pragma once

#include <string>
#include <string_view>

#include "maxsimd/colbert/colbert.h"

namespace maxsimd {

inline constexpr size_t kSampledValues = 64;  // of a tensor; all when there are fewer

/// 64 hexadecimal digits. Costs a parse of the tokenizer's file: 20 ms of BERT's. Throws
/// FormatError.
std::string model_fingerprint(const ColBERT& model);

}  // namespace maxsimd
