#include "maxsimd/data/table_values.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "maxsimd/base/json.h"
#include "maxsimd/data/python_list.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;
using Json = nlohmann::json;

std::string wrong(const std::string& name, const Json& cell, const char* expected) {
  const std::string found = cell.is_number() ? std::string("the number ") + cell.dump()
                                             : std::string("a JSON ") + cell.type_name();
  return Json(name).dump() + " is " + found + "; expected " + expected;
}

template <class T, class Take>
Problem take_each(const std::string& name, Json& cell, std::vector<T>& out, Take take) {
  out.clear();
  std::vector<Json> values;
  if (Problem problem = take_list(name, cell, values)) return problem;
  for (Json& value : values) {
    if (Problem problem = take(name, value, out.emplace_back())) return problem;
  }
  return std::nullopt;
}

Problem take_number(const std::string& name, Json& cell, float& out) {
  if (!cell.is_number()) return wrong(name, cell, "a list of numbers");
  out = cell.get<float>();
  if (!std::isfinite(out)) return Json(name).dump() + " holds a number beyond float32";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> take_text(const std::string& name, Json& cell, std::string& out) {
  if (!cell.is_string()) return wrong(name, cell, "a text");
  out = std::move(cell.get_ref<std::string&>());
  return std::nullopt;
}

std::optional<std::string> take_id(const std::string& name, Json& cell, std::string& out) {
  if (cell.is_number_integer()) {
    out = cell.dump();
    return std::nullopt;
  }
  if (!cell.is_string()) return wrong(name, cell, "an id: a text or an integer");
  return take_text(name, cell, out);
}

std::optional<std::string> take_list(const std::string& name, Json& cell, std::vector<Json>& out) {
  if (cell.is_string()) {
    const std::string text = std::move(cell.get_ref<std::string&>());
    if (try_parse_json(text, cell, {.max_bytes = text.size()})) {
      const Problem problem = parse_python_list(text, out);
      return problem ? Json(name).dump() + " is not a list: " + *problem : problem;
    }
  }
  if (!cell.is_array()) return wrong(name, cell, "a list");
  out = std::move(cell.get_ref<Json::array_t&>());
  return std::nullopt;
}

std::optional<std::string> take_ids(const std::string& name, Json& cell,
                                    std::vector<std::string>& out) {
  return take_each(name, cell, out, take_id);
}

std::optional<std::string> take_numbers(const std::string& name, Json& cell,
                                        std::vector<float>& out) {
  return take_each(name, cell, out, take_number);
}

std::optional<std::string> take_texts(const std::string& name, Json& cell,
                                      std::vector<std::string>& out) {
  return take_each(name, cell, out, take_text);
}

}  // namespace maxsimd
