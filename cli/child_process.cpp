#include "cli/child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>

#include "maxsimd/base/errors.h"

namespace maxsimd::cli {
namespace {

// The first byte of an answer.
constexpr char kResult = 'r';
constexpr char kProblem = 'p';

[[noreturn]] void fail(const char* what) {
  throw IoError(std::string("starting a process: ").append(what).append(": ") +
                std::strerror(errno));
}

void write_all(int file, const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // nobody reads any more
    done += static_cast<size_t>(count);
  }
}

std::string read_all(int file) {
  std::string bytes;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = ::read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return bytes;
    bytes.append(buffer.data(), static_cast<size_t>(count));
  }
}

// Ends without destructors and buffered output: both are the parent's.
[[noreturn]] void answer(const std::function<std::string()>& work, int file) {
  std::string bytes;
  try {
    bytes = kResult + work();
  } catch (const std::exception& error) {  // crosses over to the parent
    bytes = kProblem + std::string(error.what());
  }
  write_all(file, bytes);
  ::_exit(0);
}

}  // namespace

std::string run_in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends;
  if (::pipe(ends.data()) != 0) fail("pipe");
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    ::close(ends[0]);
    answer(work, ends[1]);
  }
  ::close(ends[1]);
  const std::string bytes = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (bytes.empty()) {
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    throw IoError("a process that this one started was killed (signal " + std::to_string(signal) +
                  "); is there enough memory for the model?");
  }
  if (bytes.front() == kProblem) throw IoError(bytes.substr(1));
  return bytes.substr(1);
}

}  // namespace maxsimd::cli
