// The hyperparameters of one run: a value for every row of the table, from configuration files,
// flags or code. Not for several threads at once while it changes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/hyperparameters/hyperparameter.h"

namespace maxsimd {

namespace detail {
struct GivenValue;
}

/// A line of a model card's list of hyperparameters.
struct CardHyperparameter {
  std::string name;
  std::string value;  // by Python's str()
  bool is_default = true;
  bool operator==(const CardHyperparameter&) const = default;
};

class HyperparameterSet {
 public:
  /// All defaults.
  HyperparameterSet();

  /// Gives a value by name ('-' counts as '_'). Throws std::invalid_argument, with `name` in the
  /// message: an unknown name (the nearest ones are told), a wrong type, a value out of bounds, a
  /// value that is refused (with the reason and what to use instead).
  void set(std::string_view name, const HyperparameterValue& value);

  /// The value. REQUIRES: a name of the table.
  const HyperparameterValue& get(std::string_view name) const;
  /// Whether a value was given, equal to the default or not.
  bool is_set(std::string_view name) const;
  /// Whether the value equals the default, as Python's == says (3 equals 3.0).
  bool is_default(std::string_view name) const;

  /// A sentence for each hyperparameter that differs from its default without having an effect:
  /// what was given, and why it does nothing. For people, in the order of the table.
  std::vector<std::string> notes() const;

  /// What a model card lists, in its order: the names of transformers 4.48.2 and
  /// sentence-transformers 4.0.1 but those that PyLate hides, then newer ones and
  /// early_stopping_* if they differ from their defaults.
  std::vector<CardHyperparameter> card_list() const;

  /// A JSON object of all values that were given, a line each, in the order of the table; secrets
  /// are left out. read_hyperparameters() reads it back.
  std::string to_json() const;

  /// What set() does, for a reader that tells the place of an error itself: returns what is wrong
  /// (a text without name), empty when the value was taken.
  std::string try_set(const Hyperparameter& row, const detail::GivenValue& given);

 private:
  struct Slot {
    const Hyperparameter* row = nullptr;
    HyperparameterValue standard;  // the default
    HyperparameterValue value;
    HyperparameterValue given;  // differs from value where the row is fixed
    bool is_set = false;
  };
  const Slot& slot(std::string_view name) const;

  std::vector<Slot> slots_;  // one a row, in the order of the table
};

/// "'foo' is no hyperparameter; did you mean food or fool?"; or that it is a flag (nproc_per_node).
std::string unknown_hyperparameter(std::string_view name);

}  // namespace maxsimd
