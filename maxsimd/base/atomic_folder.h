// Writing a folder so that a reader sees all of it or nothing: files go into a temporary folder
// beside the target, which commit() fsyncs and renames into place. Without commit() the destructor
// removes the temporary folder. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maxsimd {

/// The temporary folders beside a target: of writers at work, and what killed processes left.
std::vector<std::filesystem::path> temporary_folders_of(const std::filesystem::path& target);

/// What NAME.tmp-PID-N or .NAME.tmp-PID-N, the names that atomic_file.h and AtomicFolderWriter give
/// to what is not whole yet, will be: NAME (of a folder in the making within one, the outer one's).
/// Nothing for any other name.
std::optional<std::string> target_of_temporary_name(std::string_view name);

/// What a path will be called when all that is not whole yet on it is: each of its names is
/// target_of_temporary_name()'s. For messages: a user knows that name, and finds no other.
std::filesystem::path path_to_be(const std::filesystem::path& path);

/// Removes a folder with all that is in it (of a symbolic link, the link). Its name goes first, by
/// a rename to a temporary one: nobody, and no process after a kill, finds a part of it under its
/// name. Throws IoError.
void remove_folder_atomic(const std::filesystem::path& folder);

/// What a writer does with a folder in the target's place.
enum class WhenThere {
  refuse,
  replace,  // commit() puts the new one in its place, and then removes the old one; one that cannot
            // be removed stays under a temporary name
};

class AtomicFolderWriter {
 public:
  /// Makes the temporary folder (and missing parents). Throws std::invalid_argument when the target
  /// is a file or, but for WhenThere::replace, a folder with something in it; IoError when the
  /// system refuses.
  explicit AtomicFolderWriter(const std::filesystem::path& target,
                              WhenThere when_there = WhenThere::refuse);
  AtomicFolderWriter(const AtomicFolderWriter&) = delete;
  AtomicFolderWriter& operator=(const AtomicFolderWriter&) = delete;
  ~AtomicFolderWriter();

  /// Where to write the files; gone after commit().
  const std::filesystem::path& path() const { return temporary_; }

  /// Makes a folder inside. Throws IoError.
  std::filesystem::path make_folder(const std::string& name) const;

  /// Renames the folder into place. At most once. Throws IoError.
  void commit();

 private:
  void move_into_place();

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  WhenThere when_there_;
};

}  // namespace maxsimd
