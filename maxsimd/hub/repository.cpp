#include "maxsimd/hub/repository.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/hub/hub_names.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostFiles = 100000;
constexpr uint64_t kLargestFile = uint64_t{1} << 40;

/// Modules' folders ("1_Dense") are one level deep.
bool is_of_model(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view folder = name.substr(0, slash);
    if (folder == "onnx" || folder == "openvino" || folder.starts_with(".") ||
        folder.starts_with("checkpoint-") || name.find('/', slash + 1) != std::string_view::npos) {
      return false;
    }
  }
  return name == "README.md" || name == "LICENSE" || name == "artifact.metadata" ||
         name.ends_with(".json") || name.ends_with(".txt") || name.ends_with(".safetensors");
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* key) {
  const Json* value = member(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string parse_name(const Json& entry, const std::string& where) {
  std::string name = text_of(entry, "rfilename");
  if (is_inner_path(name)) return name;
  throw FormatError(where + ": the server names a file " +
                    Json(name).dump(-1, ' ', true, Json::error_handler_t::replace) +
                    ", which could lie outside the model's folder");
}

HubFile parse_file(const Json& entry, std::string name, const std::string& where) {
  HubFile file{.name = std::move(name), .size = 0, .digest = {}};
  const Json* lfs = member(entry, "lfs");
  const bool is_large = lfs != nullptr && lfs->is_object();
  const Json* size = member(is_large ? *lfs : entry, "size");
  file.digest = is_large ? text_of(*lfs, "sha256") : text_of(entry, "blobId");
  if (size == nullptr || !size->is_number_unsigned() || size->get<uint64_t>() > kLargestFile ||
      !is_hex(file.digest, is_large ? 64 : 40)) {
    throw FormatError(where + ": the server gives no size and digest of " + file.name +
                      "; expected 'size' and 'blobId', or 'lfs' with 'size' and 'sha256'");
  }
  file.size = size->get<uint64_t>();
  return file;
}

void check_weights(const std::vector<HubFile>& files, const std::string& where) {
  const bool has_weights = std::ranges::any_of(
      files, [](const HubFile& file) { return file.name.ends_with(".safetensors"); });
  if (has_weights) return;
  throw FormatError(
      where +
      ": it has no .safetensors, the only weights that are read; download it with Hugging Face's "
      "tools, load it with PyLate and save it with save_pretrained(), and give that folder");
}

}  // namespace

HubRepository parse_repository(std::string_view json, const std::string& id,
                               const std::string& where) {
  const Json answer = parse_json(json, where);
  HubRepository repository{.id = id, .commit = text_of(answer, "sha"), .files = {}};
  const Json* siblings = member(answer, "siblings");
  if (!is_commit(repository.commit) || siblings == nullptr || !siblings->is_array() ||
      siblings->size() > kMostFiles) {
    throw FormatError(where +
                      ": expected an object with 'sha', a commit, and 'siblings', an array");
  }
  for (const Json& entry : *siblings) {
    std::string name = parse_name(entry, where);
    if (!is_of_model(name)) continue;
    repository.files.push_back(parse_file(entry, std::move(name), where));
  }
  std::ranges::sort(repository.files, {}, &HubFile::name);
  const auto twice = std::ranges::adjacent_find(repository.files, {}, &HubFile::name);
  if (twice != repository.files.end()) {
    throw FormatError(where + ": the server lists " + twice->name + " twice");
  }
  check_weights(repository.files, where);
  return repository;
}

HubRepository ask_repository(HubConnection& connection, const std::string& id,
                             const std::string& revision) {
  const std::string url = connection.endpoint() + "/api/models/" + id + "/revision/" +
                          url_escaped(revision, false) + "?blobs=true";
  const std::string what = "model " + id + ", revision " + revision + " (" + url + ")";
  return parse_repository(connection.get_text(url, what), id, what);
}

}  // namespace maxsimd
