// Evaluators named in one line, on a command line or in a training config:
//
//   triplet:FILE             ColBERTTripletEvaluator, metric "accuracy"
//   ir:FOLDER[:SPLIT]        PyLateInformationRetrievalEvaluator on a BEIR folder; SPLIT is "test"
//   nanobeir:FOLDER          NanoBEIREvaluator
//   distillation:FILE        ColBERTDistillationEvaluator
//
// or as JSON with more to say, one object an evaluator, a list for several in turn:
//
//   {"type": "triplet", "file": F, "name": N, "batch_size": B}
//   {"type": "ir", "folder": F, "split": S, "name": N, "ignore_identical_ids": false,
//    "corpus_chunk_size": C, "accuracy_at_k": [..], "precision_recall_at_k": [..],
//    "mrr_at_k": [..], "ndcg_at_k": [..], "map_at_k": [..]}
//   {"type": "nanobeir", "folder": F, "dataset_names": [..]} and all of "ir" but split and name
//   {"type": "distillation", "file": F, "name": N, "batch_size": B, "normalize_scores": true,
//    "queries": F, "documents": F, "n_ways": 32, "allow_missing_documents": false}
//                                     the texts of a file of ids; a list of files is read as one
//   {"type": "sequence", "evaluators": [..], "main": I}    I: the part that models are chosen by,
//                                                          from 0; the last when not given
// `type` may also be the Python class's name. The name of "ir" is the folder's when not given, that
// of several triplet (or distillation) files in a sequence their files': "dev" of dev.jsonl.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/evaluation/retrieval_metrics.h"

namespace maxsimd {

enum class EvaluatorKind { triplet, retrieval, nano_beir, distillation, sequence };

struct EvaluatorSpec {
  EvaluatorKind kind = EvaluatorKind::triplet;
  std::filesystem::path path;        // file or folder
  std::optional<std::string> split;  // none: "test", or a last part of `path` after a ':' that is
                                     // not there as a folder
  std::optional<std::string> name;   // none: the folder's for retrieval, else empty (but see above)
  size_t batch_size = 0;             // 0: the evaluator's own
  bool normalize_scores = true;
  std::vector<std::filesystem::path> queries, documents;  // of distillation rows that hold ids
  size_t n_ways = 32;
  bool allow_missing_documents = false;  // DistillationOptions'
  bool ignore_identical_ids = false;
  size_t corpus_chunk_size = 0;  // 0: the evaluator's own
  RetrievalCutoffs cutoffs;
  std::vector<std::string> dataset_names;
  std::vector<EvaluatorSpec> parts;  // of a sequence
  std::optional<size_t> main;
};

/// Reads a spec, without looking at files. Throws std::invalid_argument saying what there is,
/// FormatError for text that starts as JSON and is none.
EvaluatorSpec parse_evaluator_spec(std::string_view text);
/// The same of JSON that is parsed already: an object, a list, or a text as above.
EvaluatorSpec evaluator_spec_of(const nlohmann::json& value);

/// Whether such a text names a file with JSON (NAME.json), rather than say it all itself.
bool is_spec_file(const std::string& text);

/// The same, where a name that ends in .json is a file with that JSON. Paths in it are those of
/// this process, as on a command line. Throws as above, with the file's name, and IoError.
EvaluatorSpec read_evaluator_spec(const std::string& text);

/// Reads the data and makes the evaluator. Throws IoError, FormatError (the data), and
/// std::invalid_argument.
std::unique_ptr<Evaluator> make_evaluator(const EvaluatorSpec& spec);

/// The files that make_evaluator() would read, always in the same order. Throws as it does, for
/// files that are not there, and reads none of them.
std::vector<std::filesystem::path> files_of(const EvaluatorSpec& spec);

/// The evaluators of several specs, each on its own but named as the parts of a sequence are.
/// Throws as above.
std::vector<std::unique_ptr<Evaluator>> make_each(std::span<const EvaluatorSpec> specs);

/// One spec (as read_evaluator_spec() takes it) gives its evaluator, several a sequence whose last
/// part counts. Throws as above.
std::unique_ptr<Evaluator> make_evaluator(std::span<const std::string> specs);

}  // namespace maxsimd
