#include "maxsimd/checkpoint/stanford_files.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "maxsimd/checkpoint/config_reader.h"
#include "maxsimd/checkpoint/folder_files.h"

namespace maxsimd {
namespace {

struct Encoder {
  std::string_view model_type, prefix;
};
constexpr std::array<Encoder, 6> kEncoders = {{{"bert", "bert."},
                                               {"roberta", "roberta."},
                                               {"xlm-roberta", "roberta."},
                                               {"camembert", "roberta."},
                                               {"distilbert", "distilbert."},
                                               {"modernbert", "model."}}};

}  // namespace

std::optional<std::string> stanford_weight_prefix(const Checkpoint& checkpoint) {
  const std::string type =
      ConfigReader::parse(checkpoint.config_text, "config.json").text("model_type").value_or("");
  const auto found = std::ranges::find(kEncoders, std::string_view(type), &Encoder::model_type);
  if (found == kEncoders.end()) return std::nullopt;
  return std::string(found->prefix);
}

std::string artifact_metadata_text(const Checkpoint& checkpoint) {
  const ColbertSettings& settings = checkpoint.settings;
  return python_json({{"query_token_id", settings.query_prefix},  // tokens, despite the name
                      {"doc_token_id", settings.document_prefix},
                      {"query_token", "[Q]"},
                      {"doc_token", "[D]"},
                      {"similarity", "cosine"},
                      {"query_maxlen", settings.query_length},
                      {"attend_to_mask_tokens", settings.attend_to_expansion_tokens},
                      {"interaction", "colbert"},
                      {"dim", checkpoint.dense.back().out_features},
                      {"doc_maxlen", settings.document_length},
                      {"mask_punctuation", true}},
                     4) +
         "\n";
}

}  // namespace maxsimd
