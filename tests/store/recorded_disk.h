// A disk that remembers what has been synced: replays the calls that fault_injection recorded and
// says what a power cut may leave.
//
// What a call of fsync or fdatasync on a file has returned for is there afterwards; names in a
// folder when the folder has been synced. Anything else may be there or not. (Real file systems
// promise more, in words that differ: POSIX promises this.)
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace maxsimd::store_testing {

struct RecordedCall {
  std::string name;  // of the call; "say": a line of the process's output
  std::string path;
  std::string from;
  uint64_t offset = 0;
  std::string bytes;
};

/// Reads a file of STORE_FAULT_TRACE. Throws std::runtime_error.
std::vector<RecordedCall> read_recorded_calls(const std::filesystem::path& file);

/// What of the unsynced survives: no name and no byte; every name, and a byte by chance; all names
/// but no byte.
enum class Survival { synced_only, names_and_chance, names_only };

class RecordedDisk {
 public:
  /// `root` is the folder that the recording was made of, empty at its start.
  explicit RecordedDisk(std::filesystem::path root);

  /// Throws std::runtime_error for a call it does not know.
  void apply(const RecordedCall& call);

  /// Writes what a power cut now would leave to `folder`, which must be absent.
  void write_survivors(const std::filesystem::path& folder, Survival survival,
                       std::mt19937_64& random) const;

 private:
  struct Change {
    bool cut = false;  // to the size `offset`, else bytes written there
    uint64_t offset = 0;
    std::string bytes;
  };
  struct Node {
    bool is_folder = false;
    std::string synced;            // content of a file
    std::vector<Change> unsynced;  // since then
    std::map<std::string, std::shared_ptr<Node>> names;
    std::map<std::string, std::shared_ptr<Node>> synced_names;
  };

  Node& folder_of(const std::string& path);
  Node* find(const std::string& path);
  Node& require(const std::string& path);
  void create(const std::string& path, bool is_folder);
  void rename(const std::string& from, const std::string& to);
  void sync(Node& node);
  static void apply_change(const Change& change, std::string& content);
  static void write_node(const Node& node, const std::filesystem::path& path, Survival survival,
                         std::mt19937_64& random);

  std::filesystem::path root_path_;
  std::shared_ptr<Node> root_;
};

}  // namespace maxsimd::store_testing
