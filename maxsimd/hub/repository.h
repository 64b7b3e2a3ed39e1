// What a repository of the hub holds at a revision, by the hub's API
// (GET /api/models/ORG/NAME/revision/REVISION?blobs=true).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/hub/hub_connection.h"

namespace maxsimd {

struct HubFile {
  std::string name;    // an inner path (hub_names.h)
  uint64_t size = 0;   // bytes
  std::string digest;  // SHA-256 (64 hexadecimal digits), or of a small file the git blob's SHA-1
};

struct HubRepository {
  std::string id, commit;
  std::vector<HubFile> files;  // those that a model is loaded from, by name
};

/// Reads the API's answer. Files that no ColBERT model is loaded from (other frameworks' weights,
/// pickles, ONNX, images) are left out. Throws FormatError naming `where`: malformed, a name that
/// would leave the folder, no size or digest, no .safetensors among the files.
HubRepository parse_repository(std::string_view json, const std::string& id,
                               const std::string& where);

/// Asks the server. Throws IoError, FormatError.
HubRepository ask_repository(HubConnection& connection, const std::string& id,
                             const std::string& revision);

}  // namespace maxsimd
