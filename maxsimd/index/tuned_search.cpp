#include "maxsimd/index/tuned_search.h"

#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/index/index_folder.h"

namespace maxsimd {
namespace {

constexpr const char* kFormat = "maxsimd search parameters";
constexpr const char* kRemedy = "; delete the file and run 'maxsimd tune' again";
constexpr size_t kMaxBytes = 1 << 16;
constexpr uint64_t kLargest = uint64_t{1} << 40;

const nlohmann::json& field(const nlohmann::json& json, const char* name, const std::string& path) {
  const auto found = json.find(name);
  if (found == json.end()) {
    throw FormatError(path + ": " + name + ": is missing" + kRemedy);
  }
  return *found;
}

size_t count(const nlohmann::json& json, const char* name, const std::string& path) {
  const nlohmann::json& value = field(json, name, path);
  if (!value.is_number_unsigned() || value.get<uint64_t>() == 0 ||
      value.get<uint64_t>() > kLargest) {
    throw FormatError(path + ": " + name + ": expected a number from 1, got " + value.dump() +
                      kRemedy);
  }
  return value.get<size_t>();
}

}  // namespace

void write_tuned_search(const std::filesystem::path& folder, const TunedSearch& tuned) {
  nlohmann::ordered_json json = {{"format", kFormat}};
  if (tuned.k_token != 0) {
    json["k_token"] = tuned.k_token;
    json["ef_search"] = tuned.ef_search;
  } else {
    json["n_ivf_probe"] = tuned.n_ivf_probe;
    json["n_full_scores"] = tuned.n_full_scores;
  }
  json["k"] = tuned.k;
  json["recall"] = tuned.recall;
  if (tuned.documents != 0) json["documents"] = tuned.documents;
  write_file_atomic(folder / kTunedSearchName, json.dump(2) + "\n");
}

std::optional<TunedSearch> read_tuned_search(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kTunedSearchName;
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string name = path.string();
  const nlohmann::json json = read_json_file(path, {.max_depth = 4, .max_bytes = kMaxBytes});
  if (!json.is_object() || field(json, "format", name) != kFormat) {
    throw FormatError(name + ": expected an object whose format is '" + kFormat + "'" + kRemedy);
  }
  const nlohmann::json& recall = field(json, "recall", name);
  if (!recall.is_number() || recall.get<double>() < 0.0 || recall.get<double>() > 1.0) {
    throw FormatError(name + ": recall: expected a number from 0 to 1, got " + recall.dump() +
                      kRemedy);
  }
  TunedSearch tuned{.k = count(json, "k", name), .recall = recall.get<double>()};
  if (json.contains("documents")) tuned.documents = count(json, "documents", name);
  if (json.contains("k_token")) {
    tuned.k_token = count(json, "k_token", name);
    tuned.ef_search = count(json, "ef_search", name);
  } else {
    tuned.n_ivf_probe = count(json, "n_ivf_probe", name);
    tuned.n_full_scores = count(json, "n_full_scores", name);
  }
  return tuned;
}

}  // namespace maxsimd
