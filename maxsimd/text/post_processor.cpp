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

bool gives_other_types(const ComponentJson& json) {
  return std::ranges::any_of(json.objects("single"), [](const ComponentJson& piece) {
    return std::ranges::any_of(piece.value(), [](const nlohmann::json& fields) {
      return fields.is_object() && fields.value("type_id", nlohmann::json(0)) != 0;
    });
  });
}

// ["[CLS]", 101]
int32_t pair_id(const ComponentJson& json, const char* key) {
  const auto pair = json.value().find(key);
  const bool is_pair = pair != json.value().end() && pair->is_array() && pair->size() == 2;
  const auto id = is_pair ? as_token_id((*pair)[1]) : std::nullopt;
  if (!id) json.fail(std::string("'") + key + "' must be [token, id]");
  return *id;
}

}  // namespace

PostProcessor::PostProcessor(std::vector<FramePiece> pieces) : pieces_(std::move(pieces)) {
  count();
}

PostProcessor::PostProcessor(const ComponentJson& json) : PostProcessor() {
  append(json);
  count();
}

void PostProcessor::append(const ComponentJson& json) {
  const std::string type = json.type();
  if (type == "Sequence") {
    for (const ComponentJson& step : json.objects("processors")) append(step);
  } else if (type == "TemplateProcessing") {
    set_pieces(template_pieces(json), json);
    has_other_types_ = gives_other_types(json);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    if (type == "RobertaProcessing" && json.boolean("trim_offsets")) {
      trims_.push_back({json.boolean("add_prefix_space"), is_framed_});
    }
    set_pieces({{false, {pair_id(json, "cls")}}, {true, {}}, {false, {pair_id(json, "sep")}}},
               json);
    is_one_encoding_ = true;
  } else if (type == "ByteLevel") {
    const bool add_prefix_space = json.boolean("add_prefix_space");
    if (json.boolean("trim_offsets")) {
      trims_.push_back({add_prefix_space, is_framed_ && is_one_encoding_});
    }
  } else {
    json.fail_unsupported(
        "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence");
  }
}

void PostProcessor::set_pieces(std::vector<FramePiece> pieces, const ComponentJson& json) {
  if (is_framed_) json.fail("a second post-processor that adds tokens is not supported");
  pieces_ = std::move(pieces);
  is_framed_ = true;
  is_one_encoding_ = false;
}

void PostProcessor::count() {
  num_special_ = 0;
  max_id_ = -1;
  for (const FramePiece& piece : pieces_) {
    num_special_ += piece.special.size();
    for (const int32_t id : piece.special) max_id_ = std::max(max_id_, id);
  }
}

}  // namespace maxsimd
