// Any bytes as a configuration file, YAML (first byte even) or JSON: an error with a short UTF-8
// message of one line and its place, or hyperparameters whose record reads back to the same, and
// which are typed arguments or contradict each other in words.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/hyperparameters/config_file.h"
#include "maxsimd/hyperparameters/training_arguments.h"

namespace {

using namespace maxsimd;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_message(std::string_view message) {
  require(!message.empty() && message.size() < 2048);
  require(!find_invalid_utf8(message) && message.find_first_of("\n\r\t") == message.npos);
}

void check_place(std::string_view message) {
  require(message.starts_with("fuzz:"));
  check_message(message);
}

void check_record(const HyperparameterSet& set) {
  const std::string record = set.to_json();
  HyperparameterSet again;
  parse_hyperparameters(record, ConfigFormat::kJson, "record", again);
  require(again.to_json() == record && again.card_list() == set.card_list());
}

void check_arguments(const HyperparameterSet& set) {
  try {
    const TrainingArguments arguments = training_arguments(set);
    require(arguments.per_device_train_batch_size > 0);
    prompt_of(arguments.data.prompts, "one", "query");
    check_can_train(arguments);
  } catch (const std::invalid_argument& error) {
    check_message(error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto format = data[0] % 2 == 0 ? ConfigFormat::kYaml : ConfigFormat::kJson;
  HyperparameterSet set;
  try {
    parse_hyperparameters(text, format, "fuzz", set);
  } catch (const FormatError& error) {
    check_place(error.what());
    return 0;
  } catch (const std::invalid_argument& error) {
    check_place(error.what());
    return 0;
  }
  for (const std::string& note : set.notes()) require(!find_invalid_utf8(note));
  check_record(set);
  check_arguments(set);
  return 0;
}
