// The threads of searches and scores: one pool for each number of threads, shared by all.
#pragma once

#include <cstddef>
#include <memory>

#include "maxsimd/base/thread_pool.h"

namespace maxsimd::python {

/// The pool of this process; 0 means one thread a processor. To be called with the GIL.
std::shared_ptr<ThreadPool> thread_pool(size_t num_threads);

}  // namespace maxsimd::python
