#include "python/src/bindings.h"

#include <exception>
#include <system_error>

#include "maxsimd/base/errors.h"

namespace maxsimd::python {

namespace nb = nanobind;

void bind_errors(nb::module_& module) {
  nb::exception<IoError> io_error(module, "IoError", PyExc_OSError);
  io_error.attr("__doc__") =
      "The system refused: a file cannot be opened, read, mapped or written.";
  nb::exception<FormatError> format_error(module, "FormatError", PyExc_ValueError);
  format_error.attr("__doc__") = "The bytes of a file are not what their format demands.";
  // The standard library's: no thread can be started, a folder cannot be made.
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::system_error& error) {
      PyErr_SetString(PyExc_OSError, error.what());
    }
  });
}

}  // namespace maxsimd::python
