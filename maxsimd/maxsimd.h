// The public face of the library: all that a program needs to encode, index, search, rerank and
// evaluate.
//
//   find_package(maxsimd) ; target_link_libraries(program PRIVATE maxsimd::maxsimd)
//
// Programs that want less include the room's own header.
#pragma once

#include "maxsimd/base/errors.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/colbert/encoding_stream.h"
#include "maxsimd/collection/add_documents.h"
#include "maxsimd/collection/collection.h"
#include "maxsimd/collection/subset.h"
#include "maxsimd/data/distillation_rows.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/data/qrels.h"
#include "maxsimd/data/run.h"
#include "maxsimd/data/training_rows.h"
#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/evaluation/hard_negatives.h"
#include "maxsimd/evaluation/run_evaluation.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/evaluation/triplet_accuracy.h"
#include "maxsimd/evaluation/tuning.h"
#include "maxsimd/hub/hub_model.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/verify.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/maxsim.h"
#include "maxsimd/search/rerank.h"
#include "maxsimd/search/retrieve.h"
#include "maxsimd/search/retriever.h"
#include "maxsimd/search/scores.h"
#include "maxsimd/text/tokenizer.h"
