#include "cli/lines.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "maxsimd/base/errors.h"

namespace maxsimd::cli {

void for_each_line(const std::function<void(std::string& text, size_t number)>& line) {
  char* buffer = nullptr;
  size_t capacity = 0;
  const auto free_buffer = [&buffer](void*) { std::free(buffer); };
  const std::unique_ptr<void, decltype(free_buffer)> guard(&buffer, free_buffer);
  std::string text;
  size_t number = 0;
  for (ssize_t length = 0; (length = ::getline(&buffer, &capacity, stdin)) >= 0;) {
    text.assign(buffer, static_cast<size_t>(length));
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    line(text, ++number);
  }
  if (std::ferror(stdin) != 0) {
    throw IoError(std::string("cannot read standard input: ") + std::strerror(errno));
  }
}

}  // namespace maxsimd::cli
