#include "maxsimd/index/batch_check.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "maxsimd/base/integer_id.h"
#include "maxsimd/base/json.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/index/validation.h"

namespace maxsimd {
namespace {

void check_id(const std::string& id, size_t item, IdType type) {
  const std::string name = "document " + std::to_string(item);
  if (id.empty() || id.size() > kMaxIdBytes) {
    throw std::invalid_argument(name + ": id: expected 1 to " + std::to_string(kMaxIdBytes) +
                                " bytes, got " + std::to_string(id.size()));
  }
  if (find_invalid_utf8(id)) {
    throw std::invalid_argument(name + ": id: expected UTF-8; it is not");
  }
  if (id.find('\0') != std::string::npos) {
    throw std::invalid_argument(name +
                                ": id: holds the character U+0000, which no list of ids can "
                                "hold");
  }
  if (type == IdType::integer && !is_integer_id(id)) {
    throw std::invalid_argument(name + ": id: expected a decimal integer of 64 bits, got '" + id +
                                "'");
  }
}

void check_metadata(const std::string& metadata, const std::string& id) {
  if (metadata.empty()) return;
  nlohmann::json json;
  const auto problem = try_parse_json(metadata, json, {.reject_duplicate_keys = true});
  if (!problem && json.is_object()) return;
  throw std::invalid_argument(
      "document \"" + id + "\": metadata: " +
      (problem ? *problem : "expected a JSON object, got " + std::string(json.type_name())));
}

void check_one_each(const char* what, size_t got, size_t expected) {
  if (got == expected) return;
  throw std::invalid_argument(std::string("add: ") + what + ": expected one a document (" +
                              std::to_string(expected) + "), got " + std::to_string(got));
}

}  // namespace

void check_batch(const DocumentBatch& batch, const IndexSettings& settings) {
  if (batch.embeddings == nullptr) throw std::invalid_argument("add: embeddings are missing");
  check_one_each("ids", batch.ids.size(), batch.embeddings->size());
  if (!batch.metadata.empty()) check_one_each("metadata", batch.metadata.size(), batch.ids.size());
  if (!batch.texts.empty()) check_one_each("texts", batch.texts.size(), batch.ids.size());
  for (size_t i = 0; i < batch.ids.size(); ++i) check_id(batch.ids[i], i, batch.id_type);
  for (size_t i = 0; i < batch.metadata.size(); ++i) {
    check_metadata(batch.metadata[i], batch.ids[i]);
  }
  check_embeddings(*batch.embeddings, settings.dim, {"document", batch.ids},
                   largest_value(settings));
}

std::string stored_metadata(const std::string& metadata) {
  if (metadata.find('\\') == std::string::npos) return metadata;
  return parse_json(metadata, "metadata").dump();
}

}  // namespace maxsimd
