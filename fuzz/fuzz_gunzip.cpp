// Packed bytes: whatever they are, they unpack to the same text, or fail alike, in whatever pieces
// they come and the text is asked for; and what is packed comes back.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/gunzip_stream.h"
#include "maxsimd/data/gzip_stream.h"

namespace {

using namespace maxsimd;

constexpr size_t kMostText = size_t{1} << 22;  // a few bytes can stand for a thousand times as many

void require(bool condition) {
  if (!condition) std::abort();
}

/// The text of packed bytes that come in pieces of `given` and are unpacked in pieces of `room`;
/// nothing where they are damaged.
std::optional<std::string> unpacked(std::string_view bytes, size_t given, size_t room) {
  GunzipStream stream("fuzz");
  std::string text;
  std::vector<char> out(room);
  try {
    while (!bytes.empty() && text.size() < kMostText) {
      std::string_view piece = bytes.substr(0, given);
      const size_t before = piece.size();
      size_t count = 0;
      do {
        count = stream.unpack(piece, out);
        require(count <= out.size());
        text.append(out.data(), count);
      } while (count > 0 && text.size() < kMostText);
      bytes.remove_prefix(before - piece.size());
      require(text.size() >= kMostText || piece.empty());  // all of it was taken
    }
    if (text.size() < kMostText) stream.check_is_whole();
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).starts_with("fuzz: damaged or truncated gzip data ("));
    return std::nullopt;
  }
  return text.substr(0, kMostText);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t given = 1 + data[0] % 64, room = 1 + size_t{data[1]} * 4;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  const auto whole = unpacked(bytes, bytes.size() + 1, 4096);
  require(whole == unpacked(bytes, given, room));
  const std::string once = gzip(bytes);
  require(unpacked(once, given, room) == std::optional<std::string>(bytes));
  require(unpacked(once + gzip("more"), given, room) == std::string(bytes) + "more");
  return 0;
}
