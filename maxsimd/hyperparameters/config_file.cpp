#include "maxsimd/hyperparameters/config_file.h"

#include <set>
#include <stdexcept>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/hyperparameters/json_reader.h"
#include "maxsimd/hyperparameters/yaml_reader.h"

namespace maxsimd {
namespace {

ConfigFormat format_of(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".yaml" || ending == ".yml") return ConfigFormat::kYaml;
  if (ending == ".json") return ConfigFormat::kJson;
  throw std::invalid_argument(path.string() +
                              ": expected a configuration file that ends in .yaml, .yml or .json");
}

}  // namespace

void read_hyperparameters(const std::filesystem::path& path, HyperparameterSet& set) {
  const ConfigFormat format = format_of(path);
  const MappedFile file = MappedFile::open(path);
  parse_hyperparameters(file.text(), format, path.string(), set);
}

void parse_hyperparameters(std::string_view text, ConfigFormat format, const std::string& where,
                           HyperparameterSet& set) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto entries = format == ConfigFormat::kYaml ? detail::yaml_entries(text, where)
                                                     : detail::json_entries(text, where);
  std::set<std::string_view> seen;
  for (const detail::ConfigEntry& entry : entries) {
    const std::string place = where + ":" + std::to_string(entry.line) + ": ";
    const Hyperparameter* row = find_hyperparameter(entry.name);
    if (!row) throw std::invalid_argument(place + unknown_hyperparameter(entry.name));
    const std::string name = place + std::string(row->name) + ": ";
    if (!seen.insert(row->name).second) throw std::invalid_argument(name + "given twice");
    const std::string problem = set.try_set(*row, entry.given);
    if (!problem.empty()) throw std::invalid_argument(name + problem);
  }
}

}  // namespace maxsimd
