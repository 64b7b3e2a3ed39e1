// The value of a hyperparameter, as Python would hold it: None, a bool, an int, a float, a string,
// a list or a dict. It keeps what was given (the int 1 is not the float 1.0), because a model card
// prints hyperparameters by Python's str().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace maxsimd {

class HyperparameterValue {
 public:
  struct None {
    bool operator==(const None&) const = default;
  };
  using List = std::vector<HyperparameterValue>;
  using Map = std::vector<std::pair<std::string, HyperparameterValue>>;  // in the order given

  HyperparameterValue() = default;  // None
  explicit HyperparameterValue(bool value) : value_(value) {}
  explicit HyperparameterValue(int64_t value) : value_(value) {}
  explicit HyperparameterValue(double value) : value_(value) {}
  explicit HyperparameterValue(std::string value) : value_(std::move(value)) {}
  explicit HyperparameterValue(List value) : value_(std::move(value)) {}
  explicit HyperparameterValue(Map value) : value_(std::move(value)) {}
  explicit HyperparameterValue(const char* value) : value_(std::string(value)) {}

  bool is_none() const { return std::holds_alternative<None>(value_); }
  bool is_number() const;  // an int or a float

  /// The value if it is of this kind, or null.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const List* list() const { return std::get_if<List>(&value_); }
  const Map* map() const { return std::get_if<Map>(&value_); }

  /// An int or a float as a double. REQUIRES: is_number().
  double number() const;
  /// The member of a dict, or null; null too when this is no dict.
  const HyperparameterValue* member(std::string_view name) const;

  /// None, [], {}, "" or False: nothing is asked for.
  bool is_empty() const;

  /// Python's ==, but for dicts, whose order counts here: 3 equals 3.0, True equals nothing but
  /// True.
  bool operator==(const HyperparameterValue& other) const;

 private:
  std::variant<None, bool, int64_t, double, std::string, List, Map> value_;
};

/// Python's str(): True, None, 3e-06, plain text, ['a'], {'a': 1}.
std::string python_str(const HyperparameterValue& value);
/// Python's repr(), which differs for strings alone: 'text'. Characters that are not ASCII stay as
/// they are, where Python escapes those that cannot be printed.
std::string python_repr(const HyperparameterValue& value);
/// For messages: python_repr() cut to a length that fits a line.
std::string shown(const HyperparameterValue& value);

/// JSON, for the record of a run: what config_file.h reads back to an equal value.
std::string json_text(const HyperparameterValue& value);

}  // namespace maxsimd
