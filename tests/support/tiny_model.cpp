#include "tests/support/tiny_model.h"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>

namespace maxsimd::testing_support {

namespace fs = std::filesystem;
using Json = nlohmann::json;

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

void write_safetensors(const fs::path& path, const Tensors& tensors) {
  Json header = Json::object();
  size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const size_t bytes = tensor.values.size() * sizeof(float);
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  const uint64_t length = text.size();
  file.write(reinterpret_cast<const char*>(&length), sizeof(length));
  file << text;
  for (const auto& [name, tensor] : tensors) {
    file.write(reinterpret_cast<const char*>(tensor.values.data()),
               static_cast<std::streamsize>(tensor.values.size() * sizeof(float)));
  }
}

std::vector<float> random_values(uint64_t seed, size_t count, float scale) {
  std::vector<float> out(count);
  uint64_t state = seed;
  for (float& value : out) {  // splitmix64 (Steele et al. 2014)
    state += 0x9E3779B97F4A7C15U;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    value = (static_cast<float>(z >> 40) * 0x1p-23F - 1.0F) * scale;
  }
  return out;
}

Tensors tiny_bert_tensors(const TinyBertShape& shape) {
  Tensors out;
  uint64_t seed = shape.seed * 1000;
  const size_t h = shape.hidden;
  const auto add = [&](const std::string& name, std::vector<size_t> dims, float scale,
                       float shift) {
    size_t count = 1;
    for (const size_t d : dims) count *= d;
    std::vector<float> values = random_values(++seed, count, scale);
    for (float& v : values) v += shift;
    out[name] = {std::move(dims), std::move(values)};
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {h}, 0.2F, 1.0F);
    add(name + ".bias", {h}, 0.2F, 0.0F);
  };
  const auto linear = [&](const std::string& name, size_t n, size_t k) {
    add(name + ".weight", {n, k}, 0.4F, 0.0F);
    add(name + ".bias", {n}, 0.2F, 0.0F);
  };
  add("embeddings.word_embeddings.weight", {shape.vocab, h}, 1.0F, 0.0F);
  add("embeddings.position_embeddings.weight", {shape.positions, h}, 0.5F, 0.0F);
  add("embeddings.token_type_embeddings.weight", {2, h}, 0.5F, 0.0F);
  norm("embeddings.LayerNorm");
  for (size_t layer = 0; layer < shape.layers; ++layer) {
    const std::string prefix = "encoder.layer." + std::to_string(layer) + ".";
    linear(prefix + "attention.self.query", h, h);
    linear(prefix + "attention.self.key", h, h);
    linear(prefix + "attention.self.value", h, h);
    linear(prefix + "attention.output.dense", h, h);
    norm(prefix + "attention.output.LayerNorm");
    linear(prefix + "intermediate.dense", shape.intermediate, h);
    linear(prefix + "output.dense", h, shape.intermediate);
    norm(prefix + "output.LayerNorm");
  }
  return out;
}

const std::vector<std::string>& tiny_vocabulary() {
  static const std::vector<std::string> words = {
      "[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a",    "b",
      "c",     "d",         "e",         "hello", "world", "red",   "blue",   "##s",  "##ing",
      ".",     ",",         "!",         "the",   "cat",   "dog",   "runs",   "fast", "slow"};
  return words;
}

std::string tiny_tokenizer_json() {
  const auto& words = tiny_vocabulary();
  Json vocab = Json::object();
  for (size_t i = 0; i < words.size(); ++i) vocab[words[i]] = i;
  Json added = Json::array();
  for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    added.push_back({{"id", vocab[token]},
                     {"content", token},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  const auto special = [](const char* id) {
    return Json{{"SpecialToken", {{"id", id}, {"type_id", 0}}}};
  };
  const auto sequence = [](const char* id, int type) {
    return Json{{"Sequence", {{"id", id}, {"type_id", type}}}};
  };
  const auto entry = [&](const char* id) {
    return Json{{"id", id}, {"ids", {vocab[id]}}, {"tokens", {id}}};
  };
  const Json json = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", added},
                     {"normalizer",
                      {{"type", "BertNormalizer"},
                       {"clean_text", true},
                       {"handle_chinese_chars", true},
                       {"strip_accents", nullptr},
                       {"lowercase", true}}},
                     {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                     {"post_processor",
                      {{"type", "TemplateProcessing"},
                       {"single", {special("[CLS]"), sequence("A", 0), special("[SEP]")}},
                       {"pair",
                        {special("[CLS]"), sequence("A", 0), special("[SEP]"), sequence("B", 1),
                         special("[SEP]")}},
                       {"special_tokens", {{"[CLS]", entry("[CLS]")}, {"[SEP]", entry("[SEP]")}}}}},
                     {"decoder", nullptr},
                     {"model",
                      {{"type", "WordPiece"},
                       {"unk_token", "[UNK]"},
                       {"continuing_subword_prefix", "##"},
                       {"max_input_chars_per_word", 100},
                       {"vocab", vocab}}}};
  return json.dump();
}

Tensors write_tiny_model(const fs::path& folder, const TinyBertShape& shape) {
  const Tensors tensors = tiny_bert_tensors(shape);
  write_safetensors(folder / "model.safetensors", tensors);
  write_text(folder / "tokenizer.json", tiny_tokenizer_json());
  write_text(folder / "config.json", Json{{"architectures", {"BertModel"}},
                                          {"model_type", "bert"},
                                          {"hidden_act", "gelu"},
                                          {"hidden_size", shape.hidden},
                                          {"num_hidden_layers", shape.layers},
                                          {"num_attention_heads", shape.heads},
                                          {"intermediate_size", shape.intermediate},
                                          {"vocab_size", shape.vocab},
                                          {"max_position_embeddings", shape.positions},
                                          {"type_vocab_size", 2},
                                          {"layer_norm_eps", 1e-12}}
                                         .dump(2));
  write_text(
      folder / "modules.json",
      R"([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
 {"idx": 1, "name": "1", "path": "1_Dense", "type": "pylate.models.Dense.Dense"}])");
  write_text(folder / "config_sentence_transformers.json",
             R"({"query_prefix": "[unused0]", "document_prefix": "[unused1]", "query_length": 8,
 "document_length": 16, "attend_to_expansion_tokens": false, "skiplist_words": [".", ",", "!"]})");
  write_text(folder / "1_Dense" / "config.json",
             Json{{"in_features", shape.hidden},
                  {"out_features", shape.dim},
                  {"bias", false},
                  {"activation_function", "torch.nn.modules.linear.Identity"}}
                 .dump());
  write_safetensors(folder / "1_Dense" / "model.safetensors",
                    {{"linear.weight",
                      {{shape.dim, shape.hidden},
                       random_values(shape.seed * 1000 + 999, shape.dim * shape.hidden, 0.5F)}}});
  return tensors;
}

}  // namespace maxsimd::testing_support
