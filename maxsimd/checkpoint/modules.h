// modules.json: which modules a sentence-transformers or PyLate folder chains, and in which order.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace maxsimd {

enum class ModuleKind { transformer, dense };

/// A module of the chain. `path` is a plain name inside the folder, or "" for the folder itself.
struct ModelModule {
  ModuleKind kind = ModuleKind::dense;
  std::string path;
  std::string type;  // the import path of its class
};

struct ModuleList {
  std::vector<ModelModule> modules;  // in idx order: one transformer, then Dense modules
  std::vector<std::string> notes;    // modules dropped, as PyLate does
  std::string where;                 // the file
  /// Of a MultiVectorEncoder: the folder of its MultiVectorMask; else "".
  std::string mask_path;
  /// Of a MultiVectorEncoder: the folder of the Normalize that ends the chain, before or after the
  /// mask; "" if it has none.
  std::optional<std::string> normalize_path;
};

/// Reads FOLDER/modules.json. Pooling, Normalize and Dropout are dropped with a note (Normalize
/// without one where there is a MultiVectorMask); another module is a FormatError naming it, and so
/// is a chain that does not begin with its Transformer, or goes on after mask or Normalize.
ModuleList read_modules(const std::filesystem::path& folder);

}  // namespace maxsimd
