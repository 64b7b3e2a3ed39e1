#include "cli/error_turn.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd::cli {
namespace {

constexpr const char* kVariable = "MAXSIMD_ERROR_TURN";  // the file's number

}  // namespace

// A pipe with one byte and nobody who could write another: the first to read gets the byte, all
// others the end of the file.
void offer_error_turn() {
  int ends[2];
  const char turn = 1;
  if (pipe(ends) != 0 || write(ends[1], &turn, 1) != 1) {
    throw IoError(std::string("making a pipe for the processes: ") + std::strerror(errno));
  }
  close(ends[1]);
  setenv(kVariable, std::to_string(ends[0]).c_str(), 1);
}

bool take_error_turn() {
  const char* number = std::getenv(kVariable);
  if (number == nullptr) return true;
  int file = -1;
  std::from_chars(number, number + std::strlen(number), file);
  char turn = 0;
  return read(file, &turn, 1) != 0;  // an error: tell it twice rather than never
}

}  // namespace maxsimd::cli
