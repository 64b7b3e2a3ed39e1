#include "maxsimd/hyperparameters/hyperparameter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "maxsimd/hyperparameters/choices.h"
#include "maxsimd/hyperparameters/rows.h"

namespace maxsimd {
namespace {

std::vector<Hyperparameter> joined_rows() {
  using namespace detail;
  std::vector<Hyperparameter> rows;
  for (const auto part :
       {model_rows(), training_rows(), schedule_rows(), evaluation_rows(), saving_rows(),
        logging_rows(), loading_rows(), device_rows(), hub_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

std::string with_underscores(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '-', '_');
  return out;
}

// Names that transformers has given up for others of the same meaning and values.
std::string_view newer_name(std::string_view name) {
  return name == "evaluation_strategy" ? std::string_view("eval_strategy") : name;
}

// Levenshtein's distance.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// What people write who do not know the name.
std::string_view usual_abbreviation(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kNames = {{
      {"lr", "learning_rate"},
      {"epochs", "num_train_epochs"},
      {"batch_size", "per_device_train_batch_size"},
      {"warmup", "warmup_ratio"},
      {"optimizer", "optim"},
      {"scheduler", "lr_scheduler_type"},
      {"dataset", "train_dataset"},
      {"data", "train_dataset"},
      {"patience", "early_stopping_patience"},
      {"workers", "dataloader_num_workers"},
  }};
  const auto found = std::ranges::find(kNames, name, [](const auto& pair) { return pair.first; });
  return found == kNames.end() ? "" : found->second;
}

std::string describe_bounds(const HyperparameterRange& range) {
  const auto text = [](double bound) {
    const auto whole = static_cast<int64_t>(bound);
    return python_repr(static_cast<double>(whole) == bound ? HyperparameterValue(whole)
                                                           : HyperparameterValue(bound));
  };
  const HyperparameterRange open;
  std::string out;
  if (range.min != open.min) {
    out.append(range.min_excluded ? "above " : "at least ").append(text(range.min));
  }
  if (range.max != open.max) {
    out.append(out.empty() ? "" : ", ").append(range.max_excluded ? "below " : "at most ");
    out.append(text(range.max));
  }
  return out.empty() ? out : " (" + out + ")";
}

std::string joined_or(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

}  // namespace

std::span<const Hyperparameter> hyperparameters() {
  static const std::vector<Hyperparameter> rows = joined_rows();
  return rows;
}

const Hyperparameter* find_hyperparameter(std::string_view name) {
  const std::string wanted = with_underscores(name);
  const auto rows = hyperparameters();
  const auto found = std::ranges::find(rows, newer_name(wanted), &Hyperparameter::name);
  return found == rows.end() ? nullptr : &*found;
}

std::vector<std::string> nearest_hyperparameters(std::string_view name) {
  constexpr size_t kAnswers = 3;
  constexpr size_t kLongestName = 64;
  const std::string wanted = with_underscores(name.substr(0, kLongestName));
  std::vector<std::pair<size_t, std::string_view>> near;    // by few edits
  std::vector<std::pair<size_t, std::string_view>> longer;  // names that it is a part of
  for (const Hyperparameter& row : hyperparameters()) {
    const size_t edits = distance(wanted, row.name);
    if (row.name == usual_abbreviation(wanted)) {
      near.emplace_back(0, row.name);
    } else if (edits <= std::max<size_t>(2, wanted.size() / 4)) {
      near.emplace_back(edits, row.name);
    } else if (wanted.size() >= 4 && row.name.find(wanted) != row.name.npos) {
      longer.emplace_back(edits, row.name);
    }
  }
  if (near.empty()) near = std::move(longer);
  std::ranges::sort(near);
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(kAnswers, near.size()); ++i) names.emplace_back(near[i].second);
  return names;
}

std::string_view title(HyperparameterGroup group) {
  using enum HyperparameterGroup;
  switch (group) {
    case kModel:
      return "Model";
    case kData:
      return "Data";
    case kLoss:
      return "Loss";
    case kDuration:
      return "Batches and duration";
    case kOptimizer:
      return "Optimizer";
    case kSchedule:
      return "Learning rate schedule";
    case kPrecision:
      return "Precision, memory and speed";
    case kEvaluation:
      return "Evaluation";
    case kSaving:
      return "Checkpoints and the best model";
    case kLogging:
      return "Logging";
    case kLoading:
      return "Order and loading of data";
    case kDevices:
      return "Devices and processes";
    case kHub:
      return "Hugging Face hub";
  }
  return "";
}

std::string_view word(HyperparameterVerdict verdict) {
  using enum HyperparameterVerdict;
  switch (verdict) {
    case kWorks:
      return "works";
    case kNoEffect:
      return "no effect by design";
    case kRefused:
      return "refused";
  }
  return "";
}

std::string_view word(HyperparameterOrigin origin) {
  using enum HyperparameterOrigin;
  switch (origin) {
    case kTransformers:
      return "transformers";
    case kTransformers5:
      return "transformers 5";
    case kSentenceTransformers:
      return "sentence-transformers";
    case kSentenceTransformers5:
      return "sentence-transformers 5";
    case kMaxsimd:
      return "maxsimd";
  }
  return "";
}

std::string describe_type(const Hyperparameter& row) {
  using T = HyperparameterType;
  std::vector<std::string> words;
  if ((row.types & T::kBool) != 0) words.insert(words.end(), {"True", "False"});
  if ((row.types & T::kInt) != 0) words.emplace_back("an integer" + describe_bounds(row.range));
  if ((row.types & T::kFloat) != 0) words.emplace_back("a number" + describe_bounds(row.range));
  for (const auto choice : detail::split_choices(row.choices)) words.emplace_back(choice);
  if ((row.types & T::kString) != 0 && row.choices.empty()) words.emplace_back("a text");
  if ((row.types & T::kList) != 0) words.emplace_back("a list of texts");
  if ((row.types & T::kMixedList) != 0) words.emplace_back("a list of texts and mappings");
  if ((row.types & T::kMap) != 0) words.emplace_back("a mapping");
  if ((row.types & T::kNone) != 0) words.emplace_back("None");
  return joined_or(words);
}

}  // namespace maxsimd
