// How the tests of the store let the system fail under store_child (fault_injection.cpp).
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/store/store_folder.h"
#include "tests/store/store_process.h"

namespace maxsimd::store_testing {

struct Fault {
  std::string kind;  // of STORE_FAULT_KIND
  size_t at = 0;     // the number of the call that goes wrong; 0: none
  bool sticky = false;
};

/// Counts the child's calls on the folder's work/ and lets one go wrong.
inline ChildOptions fault_options(const StoreFolder& folder, const Fault& fault) {
  ChildOptions options;
  options.environment = {{"LD_PRELOAD", STORE_FAULTS},
                         {"STORE_FAULT_FOLDER", folder.work().string()},
                         {"STORE_FAULT_LOG", (folder.root() / "calls").string()},
                         {"STORE_FAULT_AT", std::to_string(fault.at)},
                         {"STORE_FAULT_KIND", fault.kind},
                         {"STORE_FAULT_STICKY", fault.sticky ? "1" : "0"}};
  return options;
}

struct CountedCall {
  std::string name;
  std::string path;
};

/// What was counted since the last time, in order: call N is number N - 1.
inline std::vector<CountedCall> take_counted_calls(const StoreFolder& folder) {
  const std::filesystem::path log = folder.root() / "calls";
  std::vector<CountedCall> calls;
  {
    std::ifstream file(log);
    std::string number;
    for (CountedCall call; file >> number >> call.name >> call.path;) calls.push_back(call);
  }
  std::filesystem::remove(log);
  return calls;
}

/// Puts the index back as it is in `from`.
inline void restore_index(const StoreFolder& folder, const std::filesystem::path& from) {
  std::filesystem::remove_all(folder.index());
  std::filesystem::copy(from, folder.index(), std::filesystem::copy_options::recursive);
}

/// Kills a writer, that plays on, inside SQLite's transaction: pages of the catalog have been
/// overwritten, and the journal to restore them is there.
inline void leave_hot_journal(const StoreFolder& folder, const ScriptShape& shape,
                              size_t num_steps) {
  const std::filesystem::path copy = folder.root() / "copy";
  std::filesystem::copy(folder.index(), copy, std::filesystem::copy_options::recursive);
  const auto play = [&](const Fault& fault) {
    ChildProcess(child_command("write", folder.index(), shape, num_steps),
                 fault_options(folder, fault))
        .wait();
    return take_counted_calls(folder);
  };
  const std::vector<CountedCall> calls = play({});
  size_t at = 1;
  while (at <= calls.size() &&
         !(calls[at - 1].name == "pwrite64" && calls[at - 1].path.ends_with("catalog.sqlite"))) {
    ++at;
  }
  restore_index(folder, copy);
  play({"KILL_AFTER", at});
  std::filesystem::remove_all(copy);
  ASSERT_TRUE(std::filesystem::exists(folder.index() / "catalog.sqlite-journal"));
}

}  // namespace maxsimd::store_testing
