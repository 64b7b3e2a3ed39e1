#include "cli/train_processes.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "cli/error_turn.h"
#include "maxsimd/base/errors.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kMaxProcesses = 1024;
// What the others of a run need to see that one is gone, and to say so.
constexpr time_t kPatienceSeconds = 20;

/// What run_processes() waits for.
sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
  return signals;
}

[[noreturn]] void fail(const std::string& what) {
  throw IoError(what + ": " + std::strerror(errno));
}

/// A port that is free now. The processes bind it a moment later.
std::string free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  const bool found =
      listener >= 0 && bind(listener, plain, size) == 0 && getsockname(listener, plain, &size) == 0;
  const int error = errno;
  if (listener >= 0) close(listener);
  errno = error;
  if (!found) fail("looking for a free port on 127.0.0.1");
  return std::to_string(ntohs(address.sin_port));
}

std::vector<char*> raw_pointers(std::vector<std::string>& arguments) {
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  return raw;
}

pid_t start(std::vector<std::string> arguments, size_t rank, size_t count,
            const std::string& port) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) fail("starting a process");
  if (child > 0) return child;
  unsetenv("TORCHELASTIC_USE_AGENT_STORE");  // of a torchrun around this one
  const std::string number = std::to_string(rank), all = std::to_string(count);
  setenv("RANK", number.c_str(), 1);
  setenv("LOCAL_RANK", number.c_str(), 1);
  setenv("WORLD_SIZE", all.c_str(), 1);
  setenv("LOCAL_WORLD_SIZE", all.c_str(), 1);
  setenv("MASTER_ADDR", "127.0.0.1", 1);
  setenv("MASTER_PORT", port.c_str(), 1);
  // Without this process nobody would watch: a checkpoint, then the end.
  setenv("MAXSIMD_TRAIN_PARENT", std::to_string(parent).c_str(), 1);
  const sigset_t signals = watched_signals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  const std::vector<char*> raw = raw_pointers(arguments);
  execv(raw.front(), raw.data());
  std::_Exit(127);
}

/// The processes that run, and how the one that told its error ended, or the first that failed.
class Children {
 public:
  explicit Children(std::vector<pid_t> running) : running_(std::move(running)) {}

  /// Waits until something happens: one has ended, all were asked to stop, or patience is over.
  void watch() {
    const sigset_t signals = watched_signals();
    const timespec patience{.tv_sec = kPatienceSeconds, .tv_nsec = 0};
    const int signal =
        has_failed() ? sigtimedwait(&signals, nullptr, &patience) : sigwaitinfo(&signals, nullptr);
    if (signal == SIGCHLD) return reap();
    if (signal > 0) return send_all(signal);
    if (errno == EAGAIN) send_all(SIGKILL);
  }

  bool any() const { return !running_.empty(); }
  int code() const { return code_ == kToldByAnother ? 1 : code_; }

 private:
  static constexpr int kStopped = 3;  // maxsimd-train's, after a signal

  bool has_failed() const { return code_ != 0 && code_ != kStopped; }

  void reap() {
    int status = 0;
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
      std::erase(running_, ended);
      const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
      if (code != 0 && (!has_failed() || (code_ == kToldByAnother && code != kStopped))) {
        code_ = code;
      }
    }
  }

  void send_all(int signal) const {
    for (const pid_t child : running_) kill(child, signal);
  }

  std::vector<pid_t> running_;
  int code_ = 0;
};

}  // namespace

size_t take_process_count(std::vector<std::string>& arguments) {
  size_t count = 1;
  for (size_t i = 1; i < arguments.size();) {
    std::string name = arguments[i].substr(0, arguments[i].find('='));
    std::ranges::replace(name, '-', '_');
    if (name != "__nproc_per_node") {
      ++i;
      continue;
    }
    const bool joined = name.size() < arguments[i].size();
    if (!joined && i + 1 == arguments.size()) {
      throw CLI::ValidationError("--nproc_per_node", "expected a number after it");
    }
    const std::string text = joined ? arguments[i].substr(name.size() + 1) : arguments[i + 1];
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || stop != end || count < 1 || count > kMaxProcesses) {
      throw CLI::ValidationError("--nproc_per_node", "expected a number of processes from 1 to " +
                                                         std::to_string(kMaxProcesses) + ", got '" +
                                                         text + "'");
    }
    const auto first = arguments.begin() + static_cast<ptrdiff_t>(i);
    arguments.erase(first, first + (joined ? 1 : 2));
  }
  return count;
}

void replace_process(std::vector<std::string> arguments) {
  const std::vector<char*> raw = raw_pointers(arguments);
  execv(raw.front(), raw.data());
  fail(arguments.front() + ": cannot be run");
}

int run_processes(const std::vector<std::string>& arguments, size_t count) {
  const sigset_t signals = watched_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // here and, inherited, in the processes
  std::signal(SIGCHLD, SIG_DFL);  // ignored, as some parents leave it, it would never come
  const std::string port = free_port();
  offer_error_turn();
  std::vector<pid_t> started;
  try {
    for (size_t rank = 0; rank < count; ++rank) {
      started.push_back(start(arguments, rank, count, port));
    }
  } catch (...) {
    for (const pid_t child : started) kill(child, SIGKILL);
    throw;
  }
  Children children(std::move(started));
  while (children.any()) children.watch();
  return children.code();
}

}  // namespace maxsimd::cli
