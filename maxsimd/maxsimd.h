// The public face of the library: all that a program needs to encode, search and rerank.
//
//   find_package(maxsimd) ; target_link_libraries(program PRIVATE maxsimd::maxsimd)
//
// Programs that want less include the room's own header.
#pragma once

#include "maxsimd/base/errors.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/search/maxsim.h"
#include "maxsimd/search/rerank.h"
#include "maxsimd/search/retrieve.h"
#include "maxsimd/search/scores.h"
#include "maxsimd/text/tokenizer.h"
