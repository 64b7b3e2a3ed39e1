#include "maxsimd/checkpoint/modules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/model_path.h"

namespace maxsimd {
namespace {

using nlohmann::json;

struct ListedModule {
  int64_t idx = 0;
  std::string path;
  std::string type;
};

std::string text_of(const json& module, const char* key, const std::string& where) {
  const auto found = module.find(key);
  if (found == module.end() || !found->is_string()) {
    throw FormatError(where + ": every module needs a string \"" + std::string(key) + "\"");
  }
  return found->get<std::string>();
}

ListedModule read_module(const json& module, size_t position, const std::string& where) {
  if (!module.is_object()) throw FormatError(where + ": expected a list of objects");
  ListedModule listed{.idx = static_cast<int64_t>(position),
                      .path = text_of(module, "path", where),
                      .type = text_of(module, "type", where)};
  const auto idx = module.find("idx");
  if (idx != module.end()) {
    // A number beyond int64 would come out negative.
    if (!idx->is_number_integer() || (idx->is_number_unsigned() && idx->get<int64_t>() < 0)) {
      throw FormatError(where + ": \"idx\" must be a whole number below 2^63");
    }
    listed.idx = idx->get<int64_t>();
  }
  if (!listed.path.empty()) listed.path = checked_component(listed.path, where);
  return listed;
}

// "pylate.models.Dense.Dense" -> "Dense" for the two packages whose modules we know.
std::optional<std::string_view> class_name(std::string_view type) {
  if (!type.starts_with("sentence_transformers.") && !type.starts_with("pylate.")) {
    return std::nullopt;
  }
  return type.substr(type.rfind('.') + 1);
}

bool is_dropped(std::string_view name) {
  return name == "Pooling" || name == "Normalize" || name == "Dropout";
}

[[noreturn]] void refuse(const ListedModule& module, const std::string& where) {
  throw FormatError(where + ": module type '" + module.type +
                    "' cannot be applied; known are Transformer, Dense, MultiVectorMask and "
                    "Normalize (Pooling and Dropout are dropped)");
}

// A MultiVectorEncoder's own end: what comes after it works on other vectors.
void add_mask_or_normalize(const ListedModule& module, std::string_view name, ModuleList& list) {
  if (name == "Normalize") {
    list.normalize_path = module.path;
    return;
  }
  if (module.path.empty() || !list.mask_path.empty()) {
    throw FormatError(list.where + ": expected one MultiVectorMask, in a folder of its own");
  }
  list.mask_path = module.path;
}

void check_order(const ListedModule& module, bool is_transformer, const ModuleList& list) {
  if (list.modules.empty() != is_transformer) {
    throw FormatError(list.where + ": expected one Transformer, first in idx order, found '" +
                      module.type + "' at place " + std::to_string(list.modules.size()));
  }
  if (!list.mask_path.empty() || list.normalize_path) {
    throw FormatError(list.where + ": '" + module.type + "' comes after the " +
                      (list.mask_path.empty() ? "Normalize" : "MultiVectorMask"));
  }
}

std::vector<ListedModule> read_list(const std::filesystem::path& path) {
  const json list = read_json_file(path);
  const std::string where = path.string();
  if (!list.is_array() || list.empty()) {
    throw FormatError(where + ": expected a list of modules");
  }
  std::vector<ListedModule> modules;
  for (const json& module : list) modules.push_back(read_module(module, modules.size(), where));
  std::ranges::stable_sort(modules, {}, &ListedModule::idx);
  return modules;
}

}  // namespace

ModuleList read_modules(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "modules.json";
  ModuleList result;
  result.where = path.string();
  const std::vector<ListedModule> listed = read_list(path);
  const bool is_multi_vector = std::ranges::any_of(listed, [](const ListedModule& module) {
    return class_name(module.type) == "MultiVectorMask";
  });
  for (const ListedModule& module : listed) {
    const std::string_view name = class_name(module.type).value_or("");
    if (is_multi_vector && (name == "MultiVectorMask" || name == "Normalize")) {
      add_mask_or_normalize(module, name, result);
      continue;
    }
    if (is_dropped(name)) {
      result.notes.push_back(result.where + ": module '" + module.type +
                             "' is dropped: ColBERT keeps every token");
      continue;
    }
    if (name != "Transformer" && name != "Dense") refuse(module, result.where);
    const ModuleKind kind = name == "Dense" ? ModuleKind::dense : ModuleKind::transformer;
    check_order(module, kind == ModuleKind::transformer, result);
    result.modules.push_back({kind, module.path, module.type});
  }
  if (result.modules.empty()) {
    throw FormatError(result.where + ": no Transformer module in the list");
  }
  return result;
}

}  // namespace maxsimd
