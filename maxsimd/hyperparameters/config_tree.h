// What a configuration file says, before the table of hyperparameters gives it a meaning: the
// entries of its one mapping, in order, each with the line it stands in. The readers of YAML and of
// JSON drive one builder, so both have the same limits.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "maxsimd/hyperparameters/value_reading.h"

namespace maxsimd::detail {

struct ConfigEntry {
  std::string name;
  GivenValue given;
  size_t line = 0;  // from 1
};

inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;
inline constexpr size_t kMaxConfigDepth = 16;  // of lists and mappings
inline constexpr size_t kMaxConfigValues = 20'000;

/// A parser's message as one short line of ASCII: it may quote a token as long as the file, or half
/// of a character.
std::string printable(std::string_view message);

/// Builds values from the events of a parser. Each event says the line it comes from; every one may
/// throw FormatError ("WHERE:LINE: what is wrong"): too deep, too many values, a key twice, a key
/// that is no text.
class ConfigTree {
 public:
  explicit ConfigTree(std::string where) : where_(std::move(where)) {}

  /// What both formats ask of a text before it is parsed: its size, UTF-8, no NUL.
  void check_text(std::string_view text) const;

  void begin_map(size_t line);
  void begin_list(size_t line);
  void end();  // of the innermost map or list
  /// A key, if one is due; else a value.
  void scalar(GivenValue value, size_t line);

  /// The entries of the outermost mapping; none for a file without values. Throws FormatError when
  /// it is a list or a scalar.
  std::vector<ConfigEntry> entries() &&;
  /// The value itself, whatever it is; nothing for a text without values.
  std::optional<HyperparameterValue> value() &&;

  [[noreturn]] void fail(size_t line, const std::string& problem) const;

 private:
  struct Open {
    std::variant<HyperparameterValue::List, HyperparameterValue::Map> values;
    std::optional<std::string> key;  // whose value comes next
    std::set<std::string> names;     // of the members so far
    size_t key_line = 0;
  };

  bool is_key_due() const;
  void take_key(const GivenValue& value, size_t line);
  void take_value(GivenValue value, size_t line);
  void begin(Open open, size_t line);
  void count(size_t line);

  std::string where_;
  std::vector<Open> open_;
  std::vector<ConfigEntry> entries_;  // of the outermost mapping
  std::optional<GivenValue> root_;    // when it is done
  size_t root_line_ = 0;
  size_t num_values_ = 0;
};

}  // namespace maxsimd::detail
