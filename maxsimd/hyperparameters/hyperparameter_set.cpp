#include "maxsimd/hyperparameters/hyperparameter_set.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/hyperparameters/value_reading.h"

namespace maxsimd {
namespace {

// What the program takes before anything is a hyperparameter (cli/train).
bool is_flag_alone(std::string_view name) {
  constexpr std::array<std::string_view, 6> kFlags = {"nproc_per_node", "nproc-per-node", "config",
                                                      "list",           "help",           "h"};
  return std::ranges::find(kFlags, name) != kFlags.end();
}

}  // namespace

HyperparameterSet::HyperparameterSet() {
  for (const Hyperparameter& row : hyperparameters()) {
    const HyperparameterValue standard = detail::default_value(row);
    slots_.push_back({.row = &row, .standard = standard, .value = standard});
  }
}

void HyperparameterSet::set(std::string_view name, const HyperparameterValue& value) {
  const Hyperparameter* row = find_hyperparameter(name);
  if (!row) throw std::invalid_argument(unknown_hyperparameter(name));
  const std::string problem = try_set(*row, {.value = value});
  if (!problem.empty()) throw std::invalid_argument(std::string(row->name) + ": " + problem);
}

std::string HyperparameterSet::try_set(const Hyperparameter& row, const detail::GivenValue& given) {
  detail::ReadValue read = detail::read_value(row, given);
  if (!read.problem.empty()) return read.problem;
  Slot& slot = slots_[static_cast<size_t>(&row - hyperparameters().data())];
  slot.is_set = true;
  slot.given = row.is_secret ? HyperparameterValue("(not shown)") : std::move(read.value);
  if (!row.is_fixed) slot.value = slot.given;
  return "";
}

const HyperparameterSet::Slot& HyperparameterSet::slot(std::string_view name) const {
  const Hyperparameter* row = find_hyperparameter(name);
  MAXSIMD_ASSERT(row);
  if (!row) throw std::invalid_argument(unknown_hyperparameter(name));
  return slots_[static_cast<size_t>(row - hyperparameters().data())];
}

const HyperparameterValue& HyperparameterSet::get(std::string_view name) const {
  return slot(name).value;
}

bool HyperparameterSet::is_set(std::string_view name) const {
  return slot(name).is_set;
}

bool HyperparameterSet::is_default(std::string_view name) const {
  return slot(name).value == slot(name).standard;
}

std::vector<std::string> HyperparameterSet::notes() const {
  std::vector<std::string> notes;
  for (const Slot& slot : slots_) {
    const Hyperparameter& row = *slot.row;
    if (row.verdict != HyperparameterVerdict::kNoEffect || !slot.is_set) continue;
    if (slot.given == slot.standard || python_str(slot.given) == "none") continue;  // report_to
    notes.push_back(std::string(row.name)
                        .append(": ")
                        .append(python_str(slot.given))
                        .append(" has no effect: ")
                        .append(row.note));
  }
  return notes;
}

std::vector<CardHyperparameter> HyperparameterSet::card_list() const {
  std::vector<CardHyperparameter> list;
  const auto add = [&](std::string_view name, const HyperparameterValue& value, bool is_default) {
    list.push_back({std::string(name), python_str(value), is_default});
  };
  for (const std::string_view name : card_order()) add(name, get(name), is_default(name));
  for (const Slot& slot : slots_) {
    const bool is_newer = slot.row->listing == HyperparameterListing::kWhenSet;
    if (is_newer && slot.value != slot.standard) add(slot.row->name, slot.value, false);
  }
  return list;
}

std::string HyperparameterSet::to_json() const {
  std::string out = "{";
  for (const Slot& slot : slots_) {
    if (!slot.is_set || slot.row->is_secret) continue;
    out.append(out.size() > 1 ? ",\n  \"" : "\n  \"").append(slot.row->name).append("\": ");
    out += json_text(slot.given);
  }
  return out + (out.size() > 1 ? "\n}\n" : "}\n");
}

std::string unknown_hyperparameter(std::string_view name) {
  if (is_flag_alone(name)) {
    return shown(HyperparameterValue(std::string(name))) +
           " is no hyperparameter but a flag: give it to 'maxsimd train' on the command line";
  }
  std::string text = shown(HyperparameterValue(std::string(name))) + " is no hyperparameter";
  const auto near = nearest_hyperparameters(name);
  if (near.empty()) return text + "; docs/hyperparameters.md lists all";
  text += "; did you mean ";
  for (size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += near[i];
  }
  return text + "?";
}

}  // namespace maxsimd
