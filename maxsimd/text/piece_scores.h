// The scores of a Unigram vocabulary as Hugging Face reads them. Its JSON reader (serde_json
// without float_roundtrip) is up to one unit in the last place away from the nearest double, for
// one score in five, and with that go ties between ways to cut a word: 250,000 scores read to the
// nearest gave other ids on a real text.
//
// All functions are pure and safe from any thread.
#pragma once

#include <string_view>
#include <vector>

namespace maxsimd {

/// A number of well-formed JSON: its first digits as an integer, times or by a power of ten.
double number_like_serde(std::string_view text);

/// The second elements of the pairs in model.vocab of a tokenizer.json that has been parsed before
/// (so it is well-formed).
std::vector<double> read_piece_scores(std::string_view json);

}  // namespace maxsimd
