// Qrels, runs and npz files from bytes; the first byte picks the reader. A run
// that was read can be written and reads back in the same order.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/npz/npz_reader.h"
#include "maxsimd/data/qrels.h"
#include "maxsimd/data/run.h"

namespace {

using namespace maxsimd;

LineReader lines_of(std::string_view bytes) {
  return LineReader(memory_byte_source(bytes), "fuzz", size_t{1} << 20);
}

void read_back_run(std::string_view bytes) {
  LineReader lines = lines_of(bytes);
  for (const auto& [query, hits] : read_run(lines)) {
    for (const Hit& hit : hits) {
      if (hit.score - hit.score != 0.0F) return;  // beyond float32: the writer refuses infinity
    }
    const std::string written = format_run_lines(query, hits);
    LineReader again = lines_of(written);
    const Run run = read_run(again);
    if (hits.empty() || run.size() != 1) std::abort();
    for (size_t i = 0; i < hits.size(); ++i) {
      if (run.begin()->second[i].id != hits[i].id) std::abort();
    }
  }
}

void read_arrays(std::string_view bytes) {
  const NpzReader file(bytes, "fuzz");
  for (const std::string& name : file.names()) {
    switch (file.header(name).type.kind) {
      case NpyKind::floating:
        file.read_floats(name);
        break;
      case NpyKind::unicode:
        file.read_strings(name);
        break;
      default:
        file.read_integers(name);
    }
  }
}

void read_one(uint8_t kind, std::string_view bytes) {
  LineReader lines = lines_of(bytes);
  switch (kind % 4) {
    case 0:
      read_qrels(lines);
      break;
    case 1:
      read_back_run(bytes);
      break;
    case 2:
      read_arrays(bytes);
      break;
    default:
      read_qrels_json_lines(lines);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  try {
    read_one(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const FormatError&) {
  }
  return 0;
}
