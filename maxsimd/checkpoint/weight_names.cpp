#include "maxsimd/checkpoint/weight_names.h"

#include <algorithm>
#include <array>
#include <set>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

// The token embedding table of BERT and its family, ModernBERT, and decoders.
constexpr std::array<std::string_view, 3> kTables = {
    "embeddings.word_embeddings.weight", "embeddings.tok_embeddings.weight", "embed_tokens.weight"};

// Heads that stand beside an encoder without prefix, and a buffer old versions saved.
constexpr std::array<std::string_view, 10> kNotEncoder = {
    "cls.",    "classifier.", "pre_classifier.", "lm_head.", "qa_outputs.",
    "linear.", "head.",       "decoder.",        "vocab_",   "embeddings.position_ids"};

struct Alias {
  std::string_view now, before;
};
constexpr std::array<Alias, 2> kLayerNorm = {
    {{"LayerNorm.weight", "LayerNorm.gamma"}, {"LayerNorm.bias", "LayerNorm.beta"}}};

std::string replace_end(std::string_view name, std::string_view end, std::string_view by) {
  return std::string(name.substr(0, name.size() - end.size())).append(by);
}

}  // namespace

std::string find_weight_prefix(std::span<const TensorView> tensors) {
  std::set<std::string> prefixes;
  for (const TensorView& tensor : tensors) {
    for (const std::string_view table : kTables) {
      if (!tensor.name.ends_with(table)) continue;
      const std::string prefix = tensor.name.substr(0, tensor.name.size() - table.size());
      if (prefix.empty() || prefix.ends_with('.')) prefixes.insert(prefix);
    }
  }
  if (prefixes.size() > 1) {
    std::string names;
    for (const std::string& prefix : prefixes) names += " '" + prefix + "'";
    throw FormatError(tensors.front().file +
                      ": the tensors of several encoders, with the prefixes" + names +
                      "; expected one encoder");
  }
  return prefixes.empty() ? std::string() : *prefixes.begin();
}

bool is_token_table(std::string_view name) {
  return std::ranges::find(kTables, name) != kTables.end();
}

std::optional<std::string> old_layer_norm_name(std::string_view name) {
  for (const Alias& alias : kLayerNorm) {
    if (name.ends_with(alias.now)) return replace_end(name, alias.now, alias.before);
  }
  return std::nullopt;
}

std::optional<std::string> canonical_weight_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const auto starts = [&](std::string_view head) { return name.starts_with(head); };
  if (std::ranges::any_of(kNotEncoder, starts)) return std::nullopt;
  for (const Alias& alias : kLayerNorm) {
    if (name.ends_with(alias.before)) return replace_end(name, alias.before, alias.now);
  }
  return std::string(name);
}

}  // namespace maxsimd
