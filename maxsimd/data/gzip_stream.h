// Packs bytes as gzip, piece by piece. The same bytes give the same file: no name and no time is
// put in it. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace maxsimd {

class GzipStream {
 public:
  /// Throws IoError when zlib has no memory.
  GzipStream();
  GzipStream(GzipStream&&) noexcept;
  GzipStream& operator=(GzipStream&&) noexcept;
  ~GzipStream();

  /// Takes bytes and appends to `out` what is packed so far.
  void write(std::string_view bytes, std::string& out);
  /// Appends the rest. Nothing may be written after it.
  void finish(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All of a text at once. Throws IoError when zlib has no memory.
std::string gzip(std::string_view text);

}  // namespace maxsimd
