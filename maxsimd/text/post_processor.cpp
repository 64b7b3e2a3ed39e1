#include "maxsimd/text/post_processor.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace maxsimd {
namespace {

std::vector<int32_t> special_ids(const ComponentJson& tokens, const std::string& name) {
  if (!tokens.has(name.c_str())) {
    tokens.fail("the template uses '" + name + "', which is not among the special tokens");
  }
  const ComponentJson token = tokens.object(name.c_str());
  const auto ids = token.value().find("ids");
  if (ids == token.value().end() || !ids->is_array()) token.fail("'ids' must be an array");
  std::vector<int32_t> out;
  for (const nlohmann::json& value : *ids) {
    const auto id = as_token_id(value);
    if (!id) token.fail("'ids' must hold token ids (0 to 2147483647)");
    out.push_back(*id);
  }
  return out;
}

std::vector<FramePiece> template_pieces(const ComponentJson& json) {
  const ComponentJson tokens = json.object("special_tokens");
  std::vector<FramePiece> pieces;
  for (const ComponentJson& piece : json.objects("single")) {
    if (piece.has("SpecialToken")) {
      const std::string name = piece.object("SpecialToken").text("id");
      pieces.push_back({false, special_ids(tokens, name)});
    } else if (piece.has("Sequence")) {
      const std::string sequence = piece.object("Sequence").text("id");
      if (sequence != "A") piece.fail("a template of one text cannot use sequence " + sequence);
      pieces.push_back({true, {}});
    } else {
      piece.fail("expected {\"SpecialToken\": ...} or {\"Sequence\": ...}");
    }
  }
  return pieces;
}

// ["[CLS]", 101]
int32_t pair_id(const ComponentJson& json, const char* key) {
  const auto pair = json.value().find(key);
  const bool is_pair = pair != json.value().end() && pair->is_array() && pair->size() == 2;
  const auto id = is_pair ? as_token_id((*pair)[1]) : std::nullopt;
  if (!id) json.fail(std::string("'") + key + "' must be [token, id]");
  return *id;
}

std::vector<FramePiece> pieces_of(const ComponentJson& json) {
  const std::string type = json.type();
  if (type == "TemplateProcessing") return template_pieces(json);
  if (type == "RobertaProcessing" && json.boolean("trim_offsets")) {
    json.fail("RobertaProcessing with trim_offsets is not supported");
  }
  if (type == "BertProcessing" || type == "RobertaProcessing") {
    return {{false, {pair_id(json, "cls")}}, {true, {}}, {false, {pair_id(json, "sep")}}};
  }
  json.fail_unsupported(
      "TemplateProcessing, BertProcessing and RobertaProcessing without trim_offsets");
}

}  // namespace

PostProcessor::PostProcessor(std::vector<FramePiece> pieces) : pieces_(std::move(pieces)) {
  for (const FramePiece& piece : pieces_) {
    num_special_ += piece.special.size();
    for (const int32_t id : piece.special) max_id_ = std::max(max_id_, id);
  }
}

PostProcessor::PostProcessor(const ComponentJson& json) : PostProcessor(pieces_of(json)) {}

}  // namespace maxsimd
