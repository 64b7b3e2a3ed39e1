#include "maxsimd/index/index_settings.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/checksum.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/index/index_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "maxsimd index";
constexpr const char* kChecksumName = "checksum";
constexpr size_t kMaxBytes = 1 << 20;

// Of all fields but itself, whatever their order and layout.
std::string settings_checksum(nlohmann::json json) {
  json.erase(kChecksumName);
  const std::string text = json.dump();
  char digits[17];
  std::snprintf(digits, sizeof(digits), "%016llx",
                static_cast<unsigned long long>(checksum(std::as_bytes(std::span(text)))));
  return digits;
}

/// Reads the fields of the file; every message names file and field.
class Fields {
 public:
  explicit Fields(const fs::path& path)
      : path_(path.string()),
        json_(read_json_file(path, {.max_depth = 8, .max_bytes = kMaxBytes})) {
    if (!json_.is_object()) fail("", "expected an object");
  }

  std::string text(const char* name) const {
    const nlohmann::json& value = field(name);
    if (!value.is_string()) fail(name, "expected a text, got " + value.dump());
    return value.get<std::string>();
  }

  uint64_t number(const char* name, uint64_t largest) const {
    const nlohmann::json& value = field(name);
    if (!value.is_number_unsigned() || value.get<uint64_t>() > largest) {
      fail(name,
           "expected a number from 0 to " + std::to_string(largest) + ", got " + value.dump());
    }
    return value.get<uint64_t>();
  }

  bool truth(const char* name) const {
    const nlohmann::json& value = field(name);
    if (!value.is_boolean()) fail(name, "expected true or false, got " + value.dump());
    return value.get<bool>();
  }

  bool has(const char* name) const { return json_.contains(name); }

  template <class T>
  T one_of(const char* name, std::optional<T> (*from_name)(std::string_view)) const {
    const std::string value = text(name);
    const std::optional<T> found = from_name(value);
    if (!found) fail(name, "'" + value + "' is not known to this version of maxsimd");
    return *found;
  }

  void check_checksum() const {
    if (text(kChecksumName) == settings_checksum(json_)) return;
    fail(kChecksumName,
         "does not fit the other fields: the file was damaged or changed by hand; restore the "
         "folder as a whole (where a model has moved to is said with --model)");
  }

  [[noreturn]] void fail(const std::string& name, const std::string& problem) const {
    throw FormatError(path_ + ": " + (name.empty() ? "" : name + ": ") + problem);
  }

 private:
  const nlohmann::json& field(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end()) fail(name, "is missing");
    return *found;
  }

  std::string path_;
  nlohmann::json json_;
};

// What is wrong with kind, codec and bits together, or nothing.
std::string problem_of_codec(const IndexSettings& settings) {
  const std::string kind = std::string("kind ").append(index_kind_name(settings.kind));
  if (!has_codec(settings.kind, settings.codec)) {
    return kind + " stores vectors by codec " +
           std::string(codec_name(default_codec(settings.kind))) + ", not " +
           std::string(codec_name(settings.codec));
  }
  const bool wants_bits = has_residuals(settings.kind, settings.codec);
  const bool has_bits = settings.nbits == 1 || settings.nbits == 2 || settings.nbits == 4;
  if (wants_bits ? has_bits : settings.nbits == 0) return {};
  return "nbits: expected " + std::string(wants_bits ? "1, 2 or 4" : "none") + " for " + kind +
         " and codec " + std::string(codec_name(settings.codec)) + ", got " +
         std::to_string(settings.nbits);
}

// What is wrong with the dimension, or nothing.
std::string problem_of_dim(size_t dim) {
  if (dim != 0 && dim <= kMaxIndexDim) return {};
  return "dim: expected 1 to " + std::to_string(kMaxIndexDim) + ", got " + std::to_string(dim);
}

// What is wrong with how graphs are to be built, or nothing.
std::string problem_of_graph(const IndexSettings& settings) {
  const auto problem = [](const char* name, size_t lowest, size_t highest, size_t found) {
    if (found >= lowest && found <= highest) return std::string();
    return std::string(name).append(": expected ") + std::to_string(lowest) + " to " +
           std::to_string(highest) + ", got " + std::to_string(found);
  };
  const std::string of_m = problem("m", 2, kMaxGraphM, settings.m);
  if (!of_m.empty()) return of_m;
  return problem("ef_construction", 1, kMaxEfConstruction, settings.ef_construction);
}

}  // namespace

std::string_view index_kind_name(IndexKind kind) {
  switch (kind) {
    case IndexKind::exact:
      break;
    case IndexKind::plaid:
      return "plaid";
    case IndexKind::hnsw:
      return "hnsw";
  }
  return "exact";
}

Codec default_codec(IndexKind kind) {
  switch (kind) {
    case IndexKind::exact:
      break;
    case IndexKind::plaid:
      return Codec::residual;
    case IndexKind::hnsw:
      return Codec::int8;
  }
  return Codec::float32;
}

bool has_codec(IndexKind kind, Codec codec) {
  return kind != IndexKind::hnsw || codec == Codec::int8;
}

bool has_residuals(IndexKind kind, Codec codec) {
  return kind == IndexKind::plaid || codec == Codec::residual;
}

size_t bytes_per_vector(const IndexSettings& settings) {
  const size_t whole = bytes_per_vector(settings.codec, settings.dim, settings.nbits);
  if (settings.nbits == 0 || settings.codec == Codec::residual) return whole;
  return whole + bytes_per_vector(Codec::residual, settings.dim, settings.nbits);
}

std::optional<IndexKind> index_kind_from_name(std::string_view name) {
  if (name == "voyager") return IndexKind::hnsw;
  for (const IndexKind kind : {IndexKind::exact, IndexKind::plaid, IndexKind::hnsw}) {
    if (name == index_kind_name(kind)) return kind;
  }
  return std::nullopt;
}

bool is_index(const fs::path& folder) {
  std::error_code ignored;
  const fs::path path = folder / kSettingsName;
  if (!fs::is_regular_file(path, ignored) || fs::file_size(path, ignored) > kMaxBytes) return false;
  const std::string text = read_file(path);
  nlohmann::json json;
  if (try_parse_json(text, json, {.max_depth = 8, .max_bytes = kMaxBytes})) return false;
  return json.is_object() && json.value("format", nlohmann::json()) == kFormat;
}

std::string problem_of(const IndexSettings& settings) {
  for (std::string problem :
       {problem_of_dim(settings.dim), problem_of_codec(settings), problem_of_graph(settings)}) {
    if (!problem.empty()) return problem;
  }
  return {};
}

void write_index_settings(const fs::path& folder, const IndexSettings& settings) {
  const std::string problem = problem_of(settings);
  if (!problem.empty()) throw std::invalid_argument("index: " + problem);
  Json json = {{"format", kFormat},
               {"format_version", kIndexFormatVersion},
               {"dim", settings.dim},
               {"kind", index_kind_name(settings.kind)},
               {"codec", codec_name(settings.codec)},
               {"store_text", settings.store_text},
               {"model", settings.model},
               {"fingerprint", settings.fingerprint}};
  if (settings.nbits != 0) json["nbits"] = settings.nbits;
  if (settings.kind == IndexKind::hnsw) {
    json["m"] = settings.m;
    json["ef_construction"] = settings.ef_construction;
  }
  if (settings.document_length) json["document_length"] = *settings.document_length;
  if (settings.document_prefix) json["document_prefix"] = *settings.document_prefix;
  // A model's path may hold bytes that are not UTF-8; they would not survive anyway.
  const auto text = [&] { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; };
  json[kChecksumName] = settings_checksum(nlohmann::json::parse(text()));
  write_file_atomic(folder / kSettingsName, text());
}

IndexSettings read_index_settings(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kSettingsName, ignored)) {
    throw IoError(folder.string() + ": not an index: there is no " + kSettingsName +
                  (fs::exists(folder, ignored) ? " in it" : ", nor such a folder") +
                  "; make one with maxsimd index");
  }
  const Fields fields(folder / kSettingsName);
  if (fields.text("format") != kFormat) fields.fail("format", "this is not a maxsimd index");
  const uint64_t version = fields.number("format_version", UINT32_MAX);
  if (version != kIndexFormatVersion) {
    fields.fail("format_version", "expected " + std::to_string(kIndexFormatVersion) + ", got " +
                                      std::to_string(version) +
                                      "; rebuild the index, or use the maxsimd that made it");
  }
  IndexSettings settings;
  settings.dim = static_cast<size_t>(fields.number("dim", kMaxIndexDim));
  if (settings.dim == 0) fields.fail("dim", "expected at least 1, got 0");
  settings.kind = fields.one_of("kind", index_kind_from_name);
  settings.codec = fields.one_of("codec", codec_from_name);
  if (fields.has("nbits")) settings.nbits = static_cast<size_t>(fields.number("nbits", 8));
  const std::string problem = problem_of_codec(settings);
  if (!problem.empty()) fields.fail("codec", problem);
  if (settings.kind == IndexKind::hnsw) {
    settings.m = static_cast<size_t>(fields.number("m", kMaxGraphM));
    settings.ef_construction =
        static_cast<size_t>(fields.number("ef_construction", kMaxEfConstruction));
    const std::string of_graph = problem_of_graph(settings);
    if (!of_graph.empty()) fields.fail("", of_graph);
  }
  settings.store_text = fields.truth("store_text");
  settings.model = fields.text("model");
  settings.fingerprint = fields.text("fingerprint");
  if (fields.has("document_length")) {
    settings.document_length = static_cast<size_t>(fields.number("document_length", UINT32_MAX));
    if (*settings.document_length == 0)
      fields.fail("document_length", "expected at least 1, got 0");
  }
  if (fields.has("document_prefix")) settings.document_prefix = fields.text("document_prefix");
  fields.check_checksum();
  return settings;
}

}  // namespace maxsimd
