#include "maxsimd/training/checkpoint_files.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/card/checkpoint_name.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/training/file_checksum.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// In decimal: not every reader of JSON has 64 bits for a number.
std::string checksum_of(const fs::path& file) {
  return std::to_string(file_checksum(file));
}

// What a file says, as far as it is a JSON object.
nlohmann::json object_in(const fs::path& path) {
  nlohmann::json value;
  try {
    const auto file = MappedFile::open_if_exists(path);
    if (!file.has_value() || try_parse_json(file->text(), value).has_value()) return nullptr;
  } catch (const std::exception&) {
    return nullptr;  // a folder under that name, for one: not a file of ours
  }
  return value.is_object() ? value : nlohmann::json();
}

bool is_empty_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_empty(path, error) && !error;
}

// Inside the folder: what a damaged or strange list names elsewhere is not looked at.
bool is_inside(const fs::path& name) {
  if (name.empty() || name.is_absolute()) return false;
  return std::none_of(name.begin(), name.end(), [](const fs::path& part) { return part == ".."; });
}

// Throws FormatError unless `field` is an object of names in the folder and values that pass
// `valid`.
template <class Valid>
void check_list(const nlohmann::json& state, const char* field, const char* expected,
                const fs::path& path, const Valid& valid) {
  const std::string where = path.string() + ": field '" + field + "'";
  const auto list = state.find(field);
  if (list == state.end() || !list->is_object()) {
    throw FormatError(where + ": expected an object {name: " + expected + "}, got " +
                      (list == state.end() ? "nothing" : list->type_name()));
  }
  for (const auto& [name, value] : list->items()) {
    if (!is_inside(name)) {
      throw FormatError(where + ": expected names of files in the folder, got '" + name + "'");
    }
    if (!valid(value)) {
      throw FormatError(where + ": '" + name + "': expected " + expected + ", got " + value.dump());
    }
  }
}

// The state file, which lists the others. Throws FormatError, IoError.
nlohmann::json read_state(const fs::path& path) {
  nlohmann::json state = read_json_file(path);
  if (!state.is_object()) {
    throw FormatError(path.string() + ": expected an object, got " + state.type_name());
  }
  check_list(state, "files", "its bytes", path,
             [](const nlohmann::json& value) { return value.is_number_unsigned(); });
  if (state.contains("checksums")) {
    check_list(state, "checksums", "its checksum as text", path,
               [](const nlohmann::json& value) { return value.is_string(); });
  }
  return state;
}

std::optional<std::string> first_missing(const nlohmann::json& state, const fs::path& folder) {
  for (const auto& [name, size] : state.at("files").items()) {
    const fs::path file = folder / name;
    if (!fs::exists(file) || fs::file_size(file) != size.get<uint64_t>()) {
      return name + " is missing or cut off";
    }
  }
  return std::nullopt;
}

std::optional<std::string> first_damaged(const nlohmann::json& state, const fs::path& folder) {
  if (!state.contains("checksums")) return std::nullopt;
  for (const auto& [name, value] : state.at("checksums").items()) {
    if (checksum_of(folder / name) == value.get<std::string>()) continue;
    return name + " is damaged: it is not what was written, by its checksum";
  }
  return std::nullopt;
}

std::optional<std::string> problem_of(const fs::path& folder, bool by_contents) {
  try {
    if (!fs::exists(folder / kStateName)) return std::string("it has no ") + kStateName;
    const nlohmann::json state = read_state(folder / kStateName);
    const auto missing = first_missing(state, folder);
    return missing.has_value() || !by_contents ? missing : first_damaged(state, folder);
  } catch (const FormatError& error) {
    return error.what();
  } catch (const fs::filesystem_error& error) {
    throw IoError(error.what());
  }
}

// One that cannot be looked at is not taken for whole, nor is it for broken.
std::optional<std::string> why_passed_over(const fs::path& folder) {
  try {
    return find_missing_file(folder);
  } catch (const IoError& error) {
    return error.what();
  }
}

}  // namespace

void list_files(const fs::path& folder, Json& state) {
  Json sizes = Json::object(), checksums = Json::object();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    sizes[name] = entry.file_size();
    checksums[name] = checksum_of(entry.path());
  }
  state["files"] = std::move(sizes);
  state["checksums"] = std::move(checksums);
}

bool is_own_checkpoint(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return false;
  if (is_empty_folder(path)) return true;
  const nlohmann::json state = object_in(path / kStateName);
  if (state.is_object() && state.contains("files") && state["files"].is_object()) return true;
  const nlohmann::json record = object_in(path / kTrainingRecordName);
  return record.is_object() && record.value("format", nlohmann::json()) == kTrainingRecordFormat;
}

std::optional<std::string> find_missing_file(const fs::path& folder) {
  return problem_of(folder, false);
}

std::optional<std::string> find_damage(const fs::path& folder) {
  return problem_of(folder, true);
}

void check_undamaged(const fs::path& folder) {
  if (!fs::exists(folder / kStateName)) return;  // whoever reads it tells what it expects there
  const auto damage = find_damage(folder);
  if (!damage.has_value()) return;
  throw FormatError("checkpoint " + folder.string() + ": " + *damage + "; go on from another one");
}

std::vector<fs::path> find_checkpoints(const fs::path& output, std::vector<std::string>& notes) {
  std::vector<fs::path> whole;
  for (const fs::path& folder : find_checkpoint_names(output)) {
    if (const auto problem = why_passed_over(folder)) {
      notes.push_back(folder.string() + " is not whole and is passed over: " + *problem);
    } else {
      whole.push_back(folder);
    }
  }
  return whole;
}

}  // namespace maxsimd::training
