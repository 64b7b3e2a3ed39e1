// A value that a forked child must not use, because it has threads or open files: the child makes
// one of its own, and leaves the parent's alone (ending it would wait for threads that are not
// there).
//
// Thread rule: get() and destruction with the GIL held, which making the value may release. It is
// held across a fork, so no other thread can be inside.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>
#include <utility>

namespace maxsimd::python {

template <class T>
class PerProcess {
 public:
  using Make = std::function<std::shared_ptr<T>()>;

  explicit PerProcess(Make make) : make_(std::move(make)) {}
  PerProcess(const PerProcess&) = delete;
  PerProcess& operator=(const PerProcess&) = delete;
  ~PerProcess() { abandon_if_forked(); }

  /// The value of this process, made by the first call.
  const std::shared_ptr<T>& get() {
    abandon_if_forked();
    if (!value_) {
      std::shared_ptr<T> made = make_();
      if (!value_) value_ = std::move(made);  // else another thread was quicker
      process_ = ::getpid();
    }
    return value_;
  }

 private:
  void abandon_if_forked() {
    if (!value_ || process_ == ::getpid()) return;
    // On purpose never ended.
    [[maybe_unused]] auto* const abandoned =
        std::make_unique<std::shared_ptr<T>>(std::move(value_)).release();
    value_.reset();
  }

  Make make_;
  std::shared_ptr<T> value_;
  pid_t process_ = 0;
};

}  // namespace maxsimd::python
