// The table of hyperparameters: every name that transformers 4.48.2 and sentence-transformers 4.0.1
// take (the versions of the model card that users follow), the newer ones of transformers 5.3 and
// sentence-transformers 5.3, and ours. Everything else in this room is driven by it: reading,
// validation, printing, the docs page (docs/hyperparameters.md) and the lists of a model card.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/hyperparameters/value.h"

namespace maxsimd {

enum class HyperparameterGroup {
  kModel,
  kData,
  kLoss,
  kDuration,
  kOptimizer,
  kSchedule,
  kPrecision,
  kEvaluation,
  kSaving,
  kLogging,
  kLoading,
  kDevices,
  kHub,
};

enum class HyperparameterVerdict {
  kWorks,     // but for the values that `refusal` names
  kNoEffect,  // accepted and without effect, by design: `note` says why
  kRefused,   // only what asks for nothing is accepted: `refusal` says why, and what to use instead
};

enum class HyperparameterOrigin {
  kTransformers,  // 4.48.2
  kTransformers5,
  kSentenceTransformers,  // 4.0.1
  kSentenceTransformers5,
  kMaxsimd,
};

/// Whether a model card lists it, as PyLate does.
enum class HyperparameterListing {
  kAlways,
  kWhenSet,  // newer than the card's versions: when it differs from its default
  kNever,    // PyLate hides it, or it is ours and the card says it elsewhere
};

/// The kinds of value that a hyperparameter takes: a set of bits.
using HyperparameterTypes = unsigned;
struct HyperparameterType {
  enum Bit : HyperparameterTypes {
    kNone = 1,
    kBool = 2,
    kInt = 4,
    kFloat = 8,  // takes whole numbers too
    kString = 16,
    kList = 32,  // of strings
    kMap = 64,
    kMixedList = 128,  // a list of strings and mappings
  };
};

/// Bounds of a number; the default bounds nothing.
struct HyperparameterRange {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_excluded = false;
  bool max_excluded = false;
};

/// What is wrong with a value of the right type, or an empty text.
using HyperparameterCheck = std::string (*)(const HyperparameterValue& value);

struct Hyperparameter {
  std::string_view name;
  HyperparameterGroup group;
  HyperparameterTypes types;
  std::string_view default_text;  // as Python prints it
  std::string_view note;          // what it does, or why it does nothing
  HyperparameterVerdict verdict = HyperparameterVerdict::kWorks;
  HyperparameterOrigin origin = HyperparameterOrigin::kTransformers;
  HyperparameterListing listing = HyperparameterListing::kAlways;
  HyperparameterRange range = {};
  std::string_view choices = {};          // "no|steps|epoch"
  std::string_view refused_choices = {};  // known to transformers, refused here
  std::string_view refusal = {};          // which values, why, and what to use instead
  HyperparameterCheck check = nullptr;
  bool is_fixed = false;     // keeps its default, whatever is given: the libraries overwrite it too
  bool is_secret = false;    // its value is neither kept nor printed
  bool is_repeated = false;  // a flag given again adds to the list
};

/// All rows, by group.
std::span<const Hyperparameter> hyperparameters();

/// The row of a name ('-' counts as '_'); older names of the same thing are known, too
/// (evaluation_strategy). Null for an unknown name.
const Hyperparameter* find_hyperparameter(std::string_view name);

/// Up to three names that someone who wrote this may have meant, best first.
std::vector<std::string> nearest_hyperparameters(std::string_view name);

/// The names that a model card always lists, in its order (transformers 4.48.2, then
/// sentence-transformers 4.0.1).
std::span<const std::string_view> card_order();

/// "Optimizer", "works", "transformers 5": words of the docs and of messages.
std::string_view title(HyperparameterGroup group);
std::string_view word(HyperparameterVerdict verdict);
std::string_view word(HyperparameterOrigin origin);
/// "int or None, at least 1": types, choices and bounds of a row.
std::string describe_type(const Hyperparameter& row);

}  // namespace maxsimd
