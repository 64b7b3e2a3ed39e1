// The hyperparameters of a training run: their table, and the checks that `maxsimd train` makes.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "maxsimd/hyperparameters/hyperparameter_set.h"
#include "python/src/bindings.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

HyperparameterValue to_value(nb::handle value, const std::string& name) {
  if (value.is_none()) return {};
  if (nb::isinstance<nb::bool_>(value)) return HyperparameterValue(nb::cast<bool>(value));
  if (nb::isinstance<nb::int_>(value)) {
    int64_t number = 0;
    if (nb::try_cast(value, number)) return HyperparameterValue(number);
    throw std::invalid_argument(name + ": expected a number of at most 64 bits, got " +
                                nb::cast<std::string>(nb::str(value)).substr(0, 50));
  }
  if (nb::isinstance<nb::float_>(value)) return HyperparameterValue(nb::cast<double>(value));
  if (nb::isinstance<nb::dict>(value)) {
    HyperparameterValue::Map map;
    for (const auto& [key, member] : nb::borrow<nb::dict>(value)) {
      map.emplace_back(nb::cast<std::string>(nb::str(key)), to_value(member, name));
    }
    return HyperparameterValue(std::move(map));
  }
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
    HyperparameterValue::List list;
    for (nb::handle element : value) list.push_back(to_value(element, name));
    return HyperparameterValue(std::move(list));
  }
  return HyperparameterValue(nb::cast<std::string>(nb::str(value)));
}

nb::object from_value(const HyperparameterValue& value) {
  if (const bool* boolean = value.boolean()) return nb::bool_(*boolean);
  if (const int64_t* integer = value.integer()) return nb::int_(*integer);
  if (const double* real = value.real()) return nb::float_(*real);
  if (const std::string* text = value.string()) return nb::str(text->c_str(), text->size());
  if (const HyperparameterValue::List* list = value.list()) {
    nb::list result;
    for (const HyperparameterValue& element : *list) result.append(from_value(element));
    return result;
  }
  if (const HyperparameterValue::Map* map = value.map()) {
    nb::dict result;
    for (const auto& [name, member] : *map) result[name.c_str()] = from_value(member);
    return result;
  }
  return nb::none();
}

}  // namespace

void bind_hyperparameters(nb::module_& module) {
  nb::class_<HyperparameterSet>(module, "HyperparameterSet")
      .def(nb::init<>())
      .def(
          "set",
          [](HyperparameterSet& self, const std::string& name, nb::handle value) {
            self.set(name, to_value(value, name));
          },
          "name"_a, "value"_a.none(),
          "ValueError for an unknown name, a value of another type or out of bounds, or refused.")
      .def(
          "get",
          [](const HyperparameterSet& self, const std::string& name) {
            if (find_hyperparameter(name) == nullptr) throw nb::key_error(name.c_str());
            return from_value(self.get(name));
          },
          "name"_a)
      .def("notes", &HyperparameterSet::notes)
      .def("to_json", &HyperparameterSet::to_json);
  module.def("hyperparameter_names", [] {
    std::vector<std::string> names;
    for (const Hyperparameter& row : hyperparameters()) names.emplace_back(row.name);
    return names;
  });
}

}  // namespace maxsimd::python
