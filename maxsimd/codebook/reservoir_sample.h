// Stand-in.
#pragma once
#include "maxsimd/codebook/codebook.h"
