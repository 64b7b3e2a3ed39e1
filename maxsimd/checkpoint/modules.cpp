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
    if (!idx->is_number_integer()) throw FormatError(where + ": \"idx\" must be a whole number");
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
  const bool is_newer = module.type.ends_with(".MultiVectorMask");
  throw FormatError(where + ": module type '" + module.type + "' cannot be applied" +
                    (is_newer ? "; this is the layout of sentence-transformers 6, which is not "
                                "read yet: take the model's PyLate or Stanford folder"
                              : "; known are Transformer and Dense (Pooling, Normalize and Dropout "
                                "are dropped)"));
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
  const std::string where = path.string();
  ModuleList result;
  for (const ListedModule& module : read_list(path)) {
    const std::string_view name = class_name(module.type).value_or("");
    if (is_dropped(name)) {
      result.notes.push_back(where + ": module '" + module.type +
                             "' is dropped: ColBERT keeps every token");
      continue;
    }
    if (name != "Transformer" && name != "Dense") refuse(module, where);
    const ModuleKind kind = name == "Dense" ? ModuleKind::dense : ModuleKind::transformer;
    const bool is_first = result.modules.empty();
    if (is_first != (kind == ModuleKind::transformer)) {
      throw FormatError(where + ": expected one Transformer, first in idx order, found '" +
                        module.type + "' at place " + std::to_string(result.modules.size()));
    }
    result.modules.push_back({kind, module.path, module.type});
  }
  if (result.modules.empty()) throw FormatError(where + ": no Transformer module in the list");
  return result;
}

}  // namespace maxsimd
