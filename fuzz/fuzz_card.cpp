// Any bytes as run.json: a FormatError, or a record that is written and read again the same, and of
// which both cards can be made. A card has its sections whatever the record says, and its tables
// have as many cells in each line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/card/training_logs.h"
#include "maxsimd/card/training_record_file.h"

namespace {

using namespace maxsimd;

void require(bool condition) {
  if (!condition) std::abort();
}

const ModelSummary& model() {
  static const ModelSummary summary{.document_length = 300,
                                    .query_length = 32,
                                    .architecture = "BertModel",
                                    .dense = {{.in_features = 384, .out_features = 96}}};
  return summary;
}

// The bars of a line that no backslash escapes.
size_t num_bars(std::string_view line) {
  size_t bars = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      ++bars;
    }
  }
  return bars;
}

void check_table(std::string_view table) {
  const size_t expected = num_bars(table.substr(0, table.find('\n')));
  while (!table.empty()) {
    const size_t end = table.find('\n');
    require(end != table.npos && num_bars(table.substr(0, end)) == expected);
    table.remove_prefix(end + 1);
  }
}

void check_card(const TrainingRecord& record, bool pylate) {
  const std::string card = model_card(record, model(), {.pylate = pylate});
  require(card.starts_with("---\n"));
  size_t at = 0;
  for (const char* heading :
       {"\n---\n\n# ", "\n## Model Details\n", "\n## Usage\n", "\n## Training Details\n",
        "\n### Framework Versions\n", "\n## Citation\n"}) {
    at = card.find(heading, at);
    require(at != card.npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const TrainingRecord record = parse_training_record(text, "run.json");
    const std::string written = training_record_text(record);
    require(training_record_text(parse_training_record(written, "run.json")) == written);
    check_card(record, false);
    check_card(record, true);
    check_table(training_logs(record, false).table);
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).starts_with("run.json"));
  }
  return 0;
}
