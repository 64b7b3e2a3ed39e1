// run.json: a TrainingRecord as JSON. docs/model_card.md lists the keys. Reading checks every field
// that the record has and passes over keys it does not know, so that a later version may add some.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "maxsimd/card/training_record.h"

namespace maxsimd {

inline constexpr const char* kTrainingRecordName = "run.json";
inline constexpr const char* kTrainingRecordFormat = "maxsimd training run";  // its "format"

/// The record as JSON text. Numbers that JSON has not (NaN, infinity) are written as strings, bytes
/// that are no UTF-8 as U+FFFD. Throws std::invalid_argument: find_problem() has one.
std::string training_record_text(const TrainingRecord& record);

/// Reads such a text; `where` (a path) starts every message. Throws FormatError: not JSON, another
/// format or version, a field missing or of another type, find_problem() has one.
TrainingRecord parse_training_record(std::string_view text, const std::string& where);

/// Writes the text to a file, atomically. Throws std::invalid_argument, IoError.
void write_training_record(const TrainingRecord& record, const std::filesystem::path& path);

/// Throws IoError, FormatError.
TrainingRecord read_training_record(const std::filesystem::path& path);

}  // namespace maxsimd
