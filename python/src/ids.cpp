#include "python/src/ids.h"

#include <nanobind/stl/string.h>

#include <stdexcept>

namespace maxsimd::python {

namespace nb = nanobind;

namespace {

bool is_integer(nb::handle id) {
  return PyIndex_Check(id.ptr()) != 0 && !PyBool_Check(id.ptr());
}

std::string text_of(nb::handle id) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(id.ptr(), &size);
  if (text == nullptr) throw nb::python_error();  // a lone surrogate: UnicodeEncodeError
  return {text, static_cast<size_t>(size)};
}

std::string integer_text(nb::handle id) {
  const auto number = nb::steal<nb::object>(PyNumber_Index(id.ptr()));
  if (!number.is_valid()) throw nb::python_error();
  return nb::cast<std::string>(nb::str(number));
}

[[noreturn]] void refuse(const char* what, const std::string& problem, nb::handle found) {
  throw nb::type_error(
      (std::string(what) + ": " + problem + nb::cast<std::string>(nb::repr(found))).c_str());
}

}  // namespace

Ids to_ids(nb::handle ids, const char* what) {
  Ids result;
  size_t place = 0;
  if (!nb::isinstance<nb::iterable>(ids)) {
    refuse(what, "expected a list of ids, got ", ids);
  }
  for (nb::handle id : nb::borrow<nb::iterable>(ids)) {
    const bool is_text = nb::isinstance<nb::str>(id);
    if (!is_text && !is_integer(id)) {
      refuse(what, "expected str or int, item " + std::to_string(place) + " is ", id);
    }
    const IdType type = is_text ? IdType::string : IdType::integer;
    if (place == 0) result.type = type;
    if (type != result.type) {
      refuse(what,
             "expected all of them str or all of them int, item " + std::to_string(place) + " is ",
             id);
    }
    result.texts.push_back(is_text ? text_of(id) : integer_text(id));
    ++place;
  }
  return result;
}

nb::object from_id(const std::string& id, IdType type) {
  if (type == IdType::integer) {  // of any size: one that was asked for may be in no index
    const auto number = nb::steal<nb::object>(PyLong_FromString(id.c_str(), nullptr, 10));
    if (!number.is_valid()) throw nb::python_error();
    return number;
  }
  return nb::str(id.c_str(), id.size());
}

nb::list to_results(const std::vector<std::vector<Hit>>& hits, IdType type) {
  const nb::str id_key("id"), score_key("score");
  nb::list results;
  for (const std::vector<Hit>& ranking : hits) {
    nb::list entries;
    for (const Hit& hit : ranking) {
      nb::dict entry;
      entry[id_key] = from_id(hit.id, type);
      entry[score_key] = nb::float_(static_cast<double>(hit.score));
      entries.append(entry);
    }
    results.append(entries);
  }
  return results;
}

}  // namespace maxsimd::python
