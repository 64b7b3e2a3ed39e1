#include "tests/store/recorded_disk.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace maxsimd::store_testing {

namespace fs = std::filesystem;

std::vector<RecordedCall> read_recorded_calls(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) throw std::runtime_error(file.string() + ": nothing was recorded");
  std::vector<RecordedCall> calls;
  for (std::string line; std::getline(input, line);) {
    RecordedCall call;
    size_t size = 0;
    std::istringstream words(line);
    if (!(words >> call.name >> call.path >> call.from >> call.offset >> size)) {
      throw std::runtime_error(file.string() + ": not a record: " + line);
    }
    call.bytes.resize(size);
    input.read(call.bytes.data(), static_cast<std::streamsize>(size));
    calls.push_back(std::move(call));
  }
  return calls;
}

RecordedDisk::RecordedDisk(fs::path root)
    : root_path_(std::move(root)), root_(std::make_shared<Node>()) {
  root_->is_folder = true;
}

RecordedDisk::Node* RecordedDisk::find(const std::string& path) {
  Node* node = root_.get();
  for (const fs::path& name : fs::path(path).lexically_relative(root_path_)) {
    if (name == "." || name.empty()) continue;
    const auto found = node->names.find(name.string());
    if (found == node->names.end()) return nullptr;
    node = found->second.get();
  }
  return node;
}

RecordedDisk::Node& RecordedDisk::require(const std::string& path) {
  Node* node = find(path);
  if (node == nullptr) throw std::runtime_error(path + ": was not made in the recording");
  return *node;
}

RecordedDisk::Node& RecordedDisk::folder_of(const std::string& path) {
  return require(fs::path(path).parent_path().string());
}

void RecordedDisk::create(const std::string& path, bool is_folder) {
  if (find(path) != nullptr) return;
  auto node = std::make_shared<Node>();
  node->is_folder = is_folder;
  folder_of(path).names[fs::path(path).filename().string()] = std::move(node);
}

void RecordedDisk::rename(const std::string& from, const std::string& to) {
  Node& source = folder_of(from);
  const auto moved = source.names.extract(fs::path(from).filename().string());
  if (moved.empty()) throw std::runtime_error(from + ": renamed, but not there");
  folder_of(to).names[fs::path(to).filename().string()] = moved.mapped();
}

void RecordedDisk::apply_change(const Change& change, std::string& content) {
  if (change.cut) {
    content.resize(change.offset);
    return;
  }
  if (content.size() < change.offset + change.bytes.size()) {
    content.resize(change.offset + change.bytes.size());
  }
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

void RecordedDisk::sync(Node& node) {
  for (const Change& change : node.unsynced) apply_change(change, node.synced);
  node.unsynced.clear();
  node.synced_names = node.names;
}

void RecordedDisk::apply(const RecordedCall& call) {
  const std::string& name = call.name;
  // A file that has lost its name: nobody will find what is written to it.
  if (name == "say" || call.path.ends_with(" (deleted)")) return;
  if (name == "open" || name == "open64" || name == "openat") return create(call.path, false);
  if (name == "open-empty") {
    create(call.path, false);
    require(call.path).unsynced.push_back({true, 0, {}});
  } else if (name == "write" || name == "pwrite" || name == "pwrite64") {
    require(call.path).unsynced.push_back({false, call.offset, call.bytes});
  } else if (name == "ftruncate" || name == "ftruncate64") {
    require(call.path).unsynced.push_back({true, call.offset, {}});
  } else if (name == "fsync" || name == "fdatasync") {
    sync(require(call.path));
  } else if (name == "mkdir") {
    create(call.path, true);
  } else if (name == "rename") {
    rename(call.from, call.path);
  } else if (name == "unlink" || name == "unlinkat" || name == "rmdir" || name == "remove") {
    folder_of(call.path).names.erase(fs::path(call.path).filename().string());
  } else {
    throw std::runtime_error(name + ": a call that the replay does not know");
  }
}

void RecordedDisk::write_survivors(const fs::path& folder, Survival survival,
                                   std::mt19937_64& random) const {
  write_node(*root_, folder, survival, random);
}

void RecordedDisk::write_node(const Node& node, const fs::path& path, Survival survival,
                              std::mt19937_64& random) {
  if (!node.is_folder) {
    std::string content = node.synced;
    for (const Change& change : node.unsynced) {
      if (survival == Survival::names_and_chance && random() % 2 == 0) {
        apply_change(change, content);
      }
    }
    std::ofstream(path, std::ios::binary) << content;
    return;
  }
  fs::create_directory(path);
  const auto& names = survival == Survival::synced_only ? node.synced_names : node.names;
  for (const auto& [name, child] : names) write_node(*child, path / name, survival, random);
}

}  // namespace maxsimd::store_testing
