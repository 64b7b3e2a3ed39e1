// A child process of a test: started with an environment, read line by line, killed, waited for.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace maxsimd::store_testing {

struct ChildOptions {
  std::map<std::string, std::string> environment;  // in addition to the test's own
  unsigned user = 0;                               // runs under this user id when it is not 0
};

/// Not thread-safe. The destructor kills a child that is still running.
class ChildProcess {
 public:
  using Options = ChildOptions;

  /// Starts `command` (a path and its arguments). Throws std::runtime_error.
  explicit ChildProcess(const std::vector<std::string>& command, const Options& options = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  /// The next line of its standard output, waited for; "" when the output has ended.
  std::string read_line();
  void kill() const;  // SIGKILL
  /// Ends its standard input.
  void close_input();

  struct Result {
    int exit_code = -1;  // -1: ended by a signal
    int signal = 0;
    std::string output;  // what was not read by read_line()
    std::string errors;  // its standard error
  };
  /// Reads what is left and waits for the end.
  Result wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;  // an unlinked file: it takes any amount without a reader
  std::string buffer_;
};

}  // namespace maxsimd::store_testing
