// modules.json: which modules a sentence-transformers or PyLate folder chains, and in which order.
#pragma once

#include <filesystem>
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
};

/// Reads FOLDER/modules.json. Pooling, Normalize and Dropout are dropped with a note; another
/// module is a FormatError naming it, and so is a chain that does not begin with its Transformer.
ModuleList read_modules(const std::filesystem::path& folder);

}  // namespace maxsimd
