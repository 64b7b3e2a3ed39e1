#include "tests/store/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace maxsimd::store_testing {
namespace {

void check(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void close_if_open(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// Runs in the child between fork and exec; returns only when something fails.
void become(const std::vector<std::string>& command, const ChildOptions& options, int input,
            int output, int errors) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (options.user != 0 && (::setgid(options.user) != 0 || ::setuid(options.user) != 0)) return;
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const Options& options) {
  std::array<int, 2> input = {}, output = {};
  check(::pipe2(input.data(), O_CLOEXEC) == 0, "pipe");
  check(::pipe2(output.data(), O_CLOEXEC) == 0, "pipe");
  char name[] = "/tmp/maxsimd-child-XXXXXX";
  errors_ = ::mkostemp(name, O_CLOEXEC);
  check(errors_ >= 0, name);
  ::unlink(name);
  pid_ = ::fork();
  check(pid_ >= 0, "fork");
  if (pid_ == 0) {
    become(command, options, input[0], output[1], errors_);
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      buffer_(std::move(other.buffer_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill();
    ::waitpid(pid_, nullptr, 0);
  }
  for (int* fd : {&input_, &output_, &errors_}) close_if_open(*fd);
}

std::string ChildProcess::read_line() {
  size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    char bytes[4096];
    const ssize_t size = ::read(output_, bytes, sizeof(bytes));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return {};
    buffer_.append(bytes, static_cast<size_t>(size));
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

void ChildProcess::kill() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

void ChildProcess::close_input() {
  close_if_open(input_);
}

ChildProcess::Result ChildProcess::wait() {
  Result result;
  for (std::string line = read_line(); !line.empty(); line = read_line()) {
    result.output += line + '\n';
  }
  int status = 0;
  check(::waitpid(pid_, &status, 0) == pid_, "waitpid");
  pid_ = -1;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  char bytes[4096];
  ssize_t size = 0;
  for (off_t at = 0; (size = ::pread(errors_, bytes, sizeof(bytes), at)) > 0; at += size) {
    result.errors.append(bytes, static_cast<size_t>(size));
  }
  return result;
}

}  // namespace maxsimd::store_testing
