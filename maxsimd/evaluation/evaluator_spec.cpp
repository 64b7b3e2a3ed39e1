#include "maxsimd/evaluation/evaluator_spec.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

struct KindName {
  std::string_view name;
  std::string_view class_name;
  EvaluatorKind kind;
};

constexpr std::array<KindName, 5> kKinds = {{
    {"triplet", "ColBERTTripletEvaluator", EvaluatorKind::triplet},
    {"ir", "PyLateInformationRetrievalEvaluator", EvaluatorKind::retrieval},
    {"nanobeir", "NanoBEIREvaluator", EvaluatorKind::nano_beir},
    {"distillation", "ColBERTDistillationEvaluator", EvaluatorKind::distillation},
    {"sequence", "SequentialEvaluator", EvaluatorKind::sequence},
}};

constexpr JsonOptions kSpecLimits{
    .max_depth = 16, .max_bytes = size_t{1} << 20, .reject_duplicate_keys = true};

[[noreturn]] void fail(const std::string& problem) {
  throw std::invalid_argument("evaluator: " + problem);
}

std::optional<EvaluatorKind> find_kind(std::string_view name) {
  for (const KindName& known : kKinds) {
    if (name == known.name || name == known.class_name) return known.kind;
  }
  return std::nullopt;
}

EvaluatorKind kind_of(std::string_view name) {
  if (const auto kind = find_kind(name)) return *kind;
  fail("unknown type '" + std::string(name) +
       "'; expected triplet:FILE, ir:FOLDER[:SPLIT], nanobeir:FOLDER, distillation:FILE, or JSON "
       "with such a \"type\", in place or in a file NAME.json");
}

// The members of one object, each taken once; what is left over at the end is unknown.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  const Json* take(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) return nullptr;
    taken_.emplace_back(key);
    return &*found;
  }

  template <class T>
  void read(const char* key, T& into) {
    if (const Json* value = take(key)) into = convert<T>(key, *value);
  }

  void check_all_taken(const std::string& type) const {
    for (const auto& [key, value] : object_.items()) {
      if (std::ranges::find(taken_, key) == taken_.end()) {
        fail("'" + key + "' is no field of type '" + type + "'; see docs/evaluation.md");
      }
    }
  }

 private:
  template <class T>
  static T convert(const char* key, const Json& value);

  const Json& object_;
  std::vector<std::string> taken_;
};

[[noreturn]] void fail_field(const char* key, const char* expected, const Json& value) {
  fail(std::string("'").append(key).append("': expected ").append(expected) + ", got " +
       value.type_name());
}

template <>
bool Fields::convert<bool>(const char* key, const Json& value) {
  if (!value.is_boolean()) fail_field(key, "true or false", value);
  return value.get<bool>();
}

template <>
std::string Fields::convert<std::string>(const char* key, const Json& value) {
  if (!value.is_string()) fail_field(key, "a string", value);
  return value.get<std::string>();
}

template <>
std::optional<std::string> Fields::convert<std::optional<std::string>>(const char* key,
                                                                       const Json& value) {
  return convert<std::string>(key, value);
}

template <>
std::filesystem::path Fields::convert<std::filesystem::path>(const char* key, const Json& value) {
  return convert<std::string>(key, value);
}

// Files that are read as one: a file, or a list of them.
template <>
std::vector<std::filesystem::path> Fields::convert<std::vector<std::filesystem::path>>(
    const char* key, const Json& value) {
  if (!value.is_string() && !value.is_array()) fail_field(key, "a file or a list of files", value);
  std::vector<std::filesystem::path> files;
  for (const Json& file : value.is_array() ? value : Json::array({value})) {
    files.push_back(convert<std::filesystem::path>(key, file));
    if (files.back().empty()) fail(std::string("'").append(key).append("' names no file"));
  }
  return files;
}

template <>
size_t Fields::convert<size_t>(const char* key, const Json& value) {
  // A number made in C++ is signed even when it is not negative.
  if (!value.is_number_integer() || value < 0) {
    fail_field(key, "a whole number of at least 0", value);
  }
  return value.get<size_t>();
}

template <>
std::optional<size_t> Fields::convert<std::optional<size_t>>(const char* key, const Json& value) {
  return convert<size_t>(key, value);
}

template <>
std::vector<size_t> Fields::convert<std::vector<size_t>>(const char* key, const Json& value) {
  if (!value.is_array()) fail_field(key, "a list of cut-offs", value);
  std::vector<size_t> numbers;
  for (const Json& number : value) numbers.push_back(convert<size_t>(key, number));
  return numbers;
}

template <>
std::vector<std::string> Fields::convert<std::vector<std::string>>(const char* key,
                                                                   const Json& value) {
  if (!value.is_array()) fail_field(key, "a list of strings", value);
  std::vector<std::string> texts;
  for (const Json& text : value) texts.push_back(convert<std::string>(key, text));
  return texts;
}

void read_path(Fields& fields, const char* key, EvaluatorSpec& spec) {
  fields.read(key, spec.path);
  if (spec.path.empty()) fail(std::string("'").append(key).append("' is missing or empty"));
}

void read_retrieval(Fields& fields, EvaluatorSpec& spec) {
  read_path(fields, "folder", spec);
  fields.read("ignore_identical_ids", spec.ignore_identical_ids);
  fields.read("corpus_chunk_size", spec.corpus_chunk_size);
  fields.read("accuracy_at_k", spec.cutoffs.accuracy_at_k);
  fields.read("precision_recall_at_k", spec.cutoffs.precision_recall_at_k);
  fields.read("mrr_at_k", spec.cutoffs.mrr_at_k);
  fields.read("ndcg_at_k", spec.cutoffs.ndcg_at_k);
  fields.read("map_at_k", spec.cutoffs.map_at_k);
  check_cutoffs(spec.cutoffs);
}

void read_parts(const Json& list, EvaluatorSpec& spec) {
  if (list.empty()) fail("a sequence of no evaluators evaluates nothing");
  for (const Json& part : list) spec.parts.push_back(evaluator_spec_of(part));
}

void read_sequence(Fields& fields, EvaluatorSpec& spec) {
  const Json* parts = fields.take("evaluators");
  if (parts == nullptr || !parts->is_array()) fail("'evaluators': expected a list");
  read_parts(*parts, spec);
  fields.read("main", spec.main);
}

void read_fields(Fields& fields, EvaluatorSpec& spec) {
  switch (spec.kind) {
    case EvaluatorKind::triplet:
      read_path(fields, "file", spec);
      fields.read("name", spec.name);
      fields.read("batch_size", spec.batch_size);
      break;
    case EvaluatorKind::retrieval:
      spec.split = "test";
      fields.read("split", spec.split);
      fields.read("name", spec.name);
      read_retrieval(fields, spec);
      break;
    case EvaluatorKind::nano_beir:
      fields.read("dataset_names", spec.dataset_names);
      read_retrieval(fields, spec);
      break;
    case EvaluatorKind::distillation:
      read_path(fields, "file", spec);
      fields.read("name", spec.name);
      fields.read("batch_size", spec.batch_size);
      fields.read("normalize_scores", spec.normalize_scores);
      fields.read("queries", spec.queries);
      fields.read("documents", spec.documents);
      fields.read("n_ways", spec.n_ways);
      fields.read("allow_missing_documents", spec.allow_missing_documents);
      break;
    case EvaluatorKind::sequence:
      read_sequence(fields, spec);
      break;
  }
}

}  // namespace

EvaluatorSpec evaluator_spec_of(const Json& value) {
  if (value.is_string()) return parse_evaluator_spec(value.get_ref<const std::string&>());
  EvaluatorSpec spec;
  if (value.is_array()) {
    spec.kind = EvaluatorKind::sequence;
    read_parts(value, spec);
    return spec;
  }
  if (!value.is_object())
    fail(std::string("expected a string, an object or a list, got ").append(value.type_name()));
  Fields fields(value);
  std::string type;
  fields.read("type", type);
  spec.kind = kind_of(type);
  read_fields(fields, spec);
  fields.check_all_taken(type);
  return spec;
}

EvaluatorSpec parse_evaluator_spec(std::string_view text) {
  if (text.starts_with('{') || text.starts_with('[')) {
    return evaluator_spec_of(parse_json(text, "evaluator", kSpecLimits));
  }
  const size_t colon = text.find(':');
  EvaluatorSpec spec;
  spec.kind = kind_of(text.substr(0, colon));
  if (spec.kind == EvaluatorKind::sequence) fail("a sequence is written as a JSON list");
  if (colon == text.npos || colon + 1 == text.size()) {
    fail("'" + std::string(text) + "': expected a file or folder after the ':'");
  }
  spec.path = text.substr(colon + 1);
  return spec;
}

bool is_spec_file(const std::string& text) {
  const bool is_json = text.starts_with('{') || text.starts_with('[');
  const size_t colon = text.find(':');
  const bool has_kind = colon != text.npos && find_kind(text.substr(0, colon)).has_value();
  return !is_json && !has_kind && text.ends_with(".json");
}

EvaluatorSpec read_evaluator_spec(const std::string& text) {
  if (!is_spec_file(text)) return parse_evaluator_spec(text);
  const nlohmann::json value = read_json_file(text, kSpecLimits);
  try {
    return evaluator_spec_of(value);
  } catch (const std::invalid_argument& error) {  // with its place
    throw std::invalid_argument(text + ": " + error.what());
  }
}

}  // namespace maxsimd
