// One array, or nested lists of numbers, as Python has them, and their values. arrays.h makes
// Embeddings of many.
//
// All but copy_values() are called with the GIL. `what` is the argument, which messages begin with.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <string>

namespace maxsimd::python {

using Array = nanobind::ndarray<nanobind::ro, nanobind::device::cpu>;

/// Throws nanobind::type_error.
[[noreturn]] void refuse_kind(const std::string& message);

/// int or float.
bool is_number(nanobind::handle value);
/// A number, or what has items and is no text.
bool may_be_numbers(nanobind::handle value);
/// What speaks DLPack or the buffer protocol, but arrays of objects.
bool is_array(nanobind::handle value);

/// The array itself, or a copy of it on the CPU.
Array load_array(nanobind::handle value, const char* what);

/// float32 of lists and of what else NumPy reads; of lists item by item, so that signals end it.
/// Throws nanobind::type_error for what holds other things than numbers, std::invalid_argument for
/// lists of several lengths.
nanobind::object numpy_rows(nanobind::handle values, const char* what);

/// Copies the values of the last two dimensions (or of the only one), at an index of the one before
/// them if there is one, in row-major order. Needs no GIL. Throws nanobind::type_error for a number
/// type that has no float32, std::invalid_argument for a value that has none.
void copy_values(const Array& array, size_t outer, const char* what, float* out);

}  // namespace maxsimd::python
