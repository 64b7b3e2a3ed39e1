#include "maxsimd/text/model_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/text/bpe.h"
#include "maxsimd/text/piece_scores.h"
#include "maxsimd/text/unigram.h"
#include "maxsimd/text/word_level.h"
#include "maxsimd/text/word_piece.h"

namespace maxsimd {
namespace {

Vocabulary vocabulary_of(const ComponentJson& json, JsonMembers tokens) {
  const ComponentJson vocab = json.object("vocab");  // refuses anything but an object
  Vocabulary::Entries entries;
  entries.reserve(tokens.size());
  for (auto& [token, value] : tokens) {
    const auto id = as_token_id(value);
    if (!id) vocab.fail("the id of '" + token + "' must be a whole number (0 to 2147483647)");
    entries.emplace_back(std::move(token), *id);
  }
  return Vocabulary(entries);
}

std::unique_ptr<TokenModel> make_word_piece(const ComponentJson& json, JsonMembers tokens) {
  WordPieceOptions options;
  options.unk_token = json.text("unk_token");
  options.continuing_subword_prefix = json.text("continuing_subword_prefix");
  options.max_input_chars_per_word = json.count("max_input_chars_per_word");
  return std::make_unique<WordPiece>(vocabulary_of(json, std::move(tokens)), options);
}

// "a b" (older files) or ["a", "b"]; a file has one kind.
std::pair<std::string, std::string> merge_of(const ComponentJson& json, const nlohmann::json& merge,
                                             size_t place) {
  if (merge.is_string()) {
    const auto& text = merge.get_ref<const std::string&>();
    const size_t space = text.find(' ');
    if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
  } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
             merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  json.fail("merges[" + std::to_string(place) + "] must be two tokens: \"a b\" or [\"a\", \"b\"]");
}

Bpe::Merges merges_of(const ComponentJson& json) {
  const auto merges = json.value().find("merges");
  if (merges == json.value().end() || !merges->is_array()) json.fail("'merges' must be an array");
  Bpe::Merges out;
  out.reserve(merges->size());
  for (const nlohmann::json& merge : *merges) {
    const bool is_comment =
        merge.is_string() && merge.get_ref<const std::string&>().starts_with("#version");
    if (!is_comment) out.push_back(merge_of(json, merge, out.size()));
  }
  return out;
}

std::string text_or_empty(const ComponentJson& json, const char* key) {
  return json.has(key) ? json.text(key) : std::string();
}

std::unique_ptr<TokenModel> make_bpe(const ComponentJson& json, JsonMembers tokens) {
  if (json.has("dropout")) {
    const nlohmann::json& dropout = json.value()["dropout"];
    if (!dropout.is_number() || dropout.get<double>() != 0.0) {
      json.fail("dropout " + dropout.dump() +
                " would make ids random; set it to null to use this tokenizer");
    }
  }
  BpeOptions options;
  if (json.has("unk_token")) options.unk_token = json.text("unk_token");
  options.continuing_subword_prefix = text_or_empty(json, "continuing_subword_prefix");
  options.end_of_word_suffix = text_or_empty(json, "end_of_word_suffix");
  options.fuse_unk = json.boolean_or("fuse_unk", false);
  options.byte_fallback = json.boolean_or("byte_fallback", false);
  options.ignore_merges = json.boolean_or("ignore_merges", false);
  return std::make_unique<Bpe>(vocabulary_of(json, std::move(tokens)), merges_of(json), options);
}

// [["token", score], ...]
std::unique_ptr<TokenModel> make_unigram(const ComponentJson& json, std::string_view text) {
  const auto vocab = json.value().find("vocab");
  if (vocab == json.value().end() || !vocab->is_array()) {
    json.fail("'vocab' of a Unigram model must be an array");
  }
  Unigram::Pieces pieces;
  pieces.reserve(vocab->size());
  for (const nlohmann::json& piece : *vocab) {
    const bool is_piece =
        piece.is_array() && piece.size() == 2 && piece[0].is_string() && piece[1].is_number();
    if (!is_piece) json.fail("vocab[" + std::to_string(pieces.size()) + "] must be [token, score]");
    pieces.emplace_back(piece[0].get<std::string>(), piece[1].get<double>());
  }
  const std::vector<double> scores = read_piece_scores(text);
  if (scores.size() != pieces.size()) json.fail("'vocab' must be pairs of a token and a score");
  for (size_t i = 0; i < scores.size(); ++i) pieces[i].second = scores[i];
  Unigram::Options options;
  if (json.has("unk_id")) options.unk_id = json.token_id("unk_id");
  options.byte_fallback = json.boolean_or("byte_fallback", false);
  return std::make_unique<Unigram>(std::move(pieces), options);
}

// Old files have no "type": as in HF a model with merges is BPE, one with all that a WordPiece
// needs is that, another with an unk_token is WordLevel, and one whose vocabulary is a list is
// Unigram.
std::string type_of(const ComponentJson& json) {
  if (const std::string type = json.type(); !type.empty()) return type;
  if (json.has("merges")) return "BPE";
  if (json.has("unk_token")) {
    const bool is_word_piece =
        json.has("continuing_subword_prefix") && json.has("max_input_chars_per_word");
    return is_word_piece ? "WordPiece" : "WordLevel";
  }
  const bool is_list = json.value().contains("vocab") && json.value()["vocab"].is_array();
  return is_list ? "Unigram" : "";
}

}  // namespace

std::unique_ptr<TokenModel> make_token_model(const ComponentJson& json, JsonMembers tokens,
                                             std::string_view text) {
  const std::string type = type_of(json);
  if (type == "BPE") return make_bpe(json, std::move(tokens));
  if (type == "WordPiece") return make_word_piece(json, std::move(tokens));
  if (type == "WordLevel") {
    std::string unk_token = json.text("unk_token");
    return std::make_unique<WordLevel>(vocabulary_of(json, std::move(tokens)),
                                       std::move(unk_token));
  }
  if (type == "Unigram") return make_unigram(json, text);
  json.fail_unsupported("WordPiece, WordLevel, BPE and Unigram");
}

}  // namespace maxsimd
