#include "maxsimd/training/same_model.h"

#include <map>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/other_run.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

bool is_equal(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto first = nlohmann::json::parse(a, nullptr, false);
  return !first.is_discarded() && first == nlohmann::json::parse(b, nullptr, false);
}

[[noreturn]] void refuse(const fs::path& checkpoint, const std::string& problem) {
  refuse_other_run(checkpoint, "model: " + problem);
}

// Weights, the card and what is the run's own are not compared.
bool is_of_model(const std::string& name) {
  return !name.ends_with(".safetensors") && name != "README.md" && name != kTrainingRecordName &&
         name != kStateName;
}

}  // namespace

void check_same_model(const ColBERT& model, const Parameters& parameters,
                      const fs::path& checkpoint) {
  const std::map<std::string, std::string> texts = model_texts(model, parameters);
  for (const auto& [name, text] : texts) {
    if (!fs::exists(checkpoint / name)) {
      refuse(checkpoint, "the one that is given has " + name + ", which it had not");
    }
    if (is_equal(text, read_file(checkpoint / name))) continue;
    refuse(checkpoint, "its " + name + " says something else than it did");
  }
  const nlohmann::json state = read_json_file(checkpoint / kStateName);
  for (const auto& file : state.at("files").items()) {
    if (!is_of_model(file.key()) || texts.contains(file.key())) continue;
    refuse(checkpoint, "the one that is given has no " + file.key() + ", which it had");
  }
}

}  // namespace maxsimd::training
