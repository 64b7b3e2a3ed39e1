// INDEX/lock, held by the one writer for as long as it lives: an flock, so the system releases it
// when the process ends, be it by kill -9, and a lock file that is left over means nothing. The
// file holds the number of the process that took it last, for the message of those who find it
// taken.
#pragma once

#include <filesystem>

namespace maxsimd {

class WriterLock {
 public:
  /// Takes the lock of an index folder, waiting up to timeout_ms. Throws IoError that names the
  /// process when another has it, and when there is no index (any more): then nothing is made
  /// there.
  WriterLock(const std::filesystem::path& folder, unsigned timeout_ms);
  WriterLock(WriterLock&& other) noexcept;
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock();

 private:
  int fd_ = -1;
};

}  // namespace maxsimd
