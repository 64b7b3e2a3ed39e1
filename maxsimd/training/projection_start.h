// Where the projection of a run starts: from the main directions of the hidden states of its texts
// (PCA), rather than from the weights it has, which are drawn at random in a model that was never
// trained for late interaction. One thread at a time.
#pragma once

#include <span>

#include "maxsimd/training/batch_loader.h"
#include "maxsimd/training/colbert_model.h"

namespace maxsimd::training {

/// Sets the weight [D, H] of the projection to the D orthonormal directions in which the hidden
/// states [tokens, H] of kept tokens vary most, the eigenvectors of their covariance (Jolliffe,
/// Principal Component Analysis, 2002, section 1.1); 1,000 to 2,000 rows spread evenly over the
/// data are read, all their columns. Throws std::invalid_argument where the projection is not one
/// linear layer without bias, or D > H; FormatError (data).
void start_projection_from_main_directions(const ColBERT& model, std::span<const Dataset> datasets,
                                           ColbertModel& trained);

}  // namespace maxsimd::training
