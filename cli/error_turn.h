// Of several processes of one run that fail of the same cause, one tells it: who is first.
#pragma once

namespace maxsimd::cli {

/// What a process ends with whose error another one tells: the run's code is the other's.
inline constexpr int kToldByAnother = 4;

/// In the process that starts the others, before it does: they find the turn by an inherited file.
/// Throws IoError.
void offer_error_turn();

/// Whether this process is to tell its error: true once in all processes that were offered one
/// turn, and always where nobody offered any.
bool take_error_turn();

}  // namespace maxsimd::cli
