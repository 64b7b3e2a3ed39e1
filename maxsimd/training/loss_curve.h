// loss.svg: the losses of a run over its steps, as a picture.
#pragma once

#include <string>

#include "maxsimd/card/training_record.h"

namespace maxsimd::training {

/// An SVG with a line for the training loss and one for that of each evaluation data set, named in
/// the legend as logs.csv names them: "loss", "eval_loss", "eval_NAME_loss". A value that is not
/// finite is a gap in its line; a value alone is a dot.
std::string loss_curve(const TrainingRecord& record);

}  // namespace maxsimd::training
