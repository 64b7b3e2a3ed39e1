#include "python/src/folder_stamp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <system_error>

#include "maxsimd/base/errors.h"

namespace maxsimd::python {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 10> kNames = {"artifact.metadata",
                                                     "added_tokens.json",
                                                     "config.json",
                                                     "modules.json",
                                                     "tokenizer.json",
                                                     "config_sentence_transformers.json",
                                                     "sentence_bert_config.json",
                                                     "special_tokens_map.json",
                                                     "tokenizer_config.json",
                                                     "vocab.txt"};

bool is_part_of_model(const fs::path& file) {
  const fs::path suffix = file.extension();
  return suffix == ".safetensors" || suffix == ".bin" ||
         std::ranges::find(kNames, file.filename().string()) != kNames.end();
}

void add_files(const fs::path& folder, const std::string& prefix, bool with_folders,
               FolderStamp& stamp) {
  std::error_code error;  // files may come and go while they are looked at
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = prefix + entry.path().filename().string();
    if (entry.is_directory(error)) {
      if (with_folders) add_files(entry.path(), name + "/", false, stamp);
      continue;
    }
    if (!is_part_of_model(entry.path())) continue;
    const uintmax_t size_bytes = entry.file_size(error);
    if (error) continue;
    const auto changed = entry.last_write_time(error).time_since_epoch();
    if (error) continue;
    stamp[name] = {size_bytes,
                   std::chrono::duration_cast<std::chrono::nanoseconds>(changed).count()};
  }
}

/// The first name whose file is not the same in both, or "".
std::string first_difference(const FolderStamp& one, const FolderStamp& other) {
  for (const auto& [name, file] : one) {
    const auto found = other.find(name);
    if (found == other.end() || found->second != file) return name;
  }
  for (const auto& [name, file] : other) {
    if (!one.contains(name)) return name;
  }
  return {};
}

}  // namespace

FolderStamp stamp_of(const fs::path& folder) {
  FolderStamp stamp;
  add_files(folder, "", true, stamp);
  return stamp;
}

void check_unchanged(const fs::path& folder, const FolderStamp& loaded) {
  const FolderStamp now = stamp_of(folder);
  if (now == loaded) return;
  const std::string where = folder.string();
  if (now.empty()) {
    throw IoError(where +
                  ": the model's folder is gone; what it was loaded from must stay for its "
                  "settings to be changed, for saving it, and for other processes");
  }
  throw IoError(where + "/" + first_difference(loaded, now) +
                ": changed since the model was loaded; make a new models.ColBERT of the folder as "
                "it is now");
}

}  // namespace maxsimd::python
