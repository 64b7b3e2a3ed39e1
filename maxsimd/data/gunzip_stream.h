// Unpacks gzip, piece by piece. Members one behind the other are one text, and zero bytes between
// and behind them are padding, as in Python's gzip; anything else there is damage. One thread at a
// time.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace maxsimd {

/// Whether a file that starts with these bytes is gzip.
bool is_gzip(std::string_view head) noexcept;

class GunzipStream {
 public:
  /// `name` stands for the file in messages. Throws IoError when zlib has no memory.
  explicit GunzipStream(std::string name);
  GunzipStream(GunzipStream&&) noexcept;
  GunzipStream& operator=(GunzipStream&&) noexcept;
  ~GunzipStream();

  /// Takes bytes off the front of `packed`, fills `out` from its front and returns how many bytes
  /// it wrote: fewer than `out` has room for only when `packed` is used up. Throws FormatError.
  size_t unpack(std::string_view& packed, std::span<char> out);

  /// Throws FormatError when what was taken so far ends within a member: the file was cut off.
  void check_is_whole() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace maxsimd
