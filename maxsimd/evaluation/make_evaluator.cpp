#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "maxsimd/data/distillation_rows.h"
#include "maxsimd/data/triplets.h"
#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/distillation_evaluator.h"
#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/evaluation/nano_beir_evaluator.h"
#include "maxsimd/evaluation/retrieval_evaluator.h"
#include "maxsimd/evaluation/sequential_evaluator.h"
#include "maxsimd/evaluation/triplet_evaluator.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

struct FolderAndSplit {
  fs::path folder;
  std::string split;
};

// What "ir:" was followed by: a folder may have a ':' in its name.
FolderAndSplit find_split(const EvaluatorSpec& spec) {
  if (spec.split) return {spec.path, *spec.split};
  std::error_code ignored;
  const std::string text = spec.path.string();
  const size_t colon = text.rfind(':');
  if (fs::is_directory(spec.path, ignored) || colon == text.npos) return {spec.path, "test"};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::unique_ptr<Evaluator> make_triplet(const EvaluatorSpec& spec) {
  std::vector<Triplet> triplets;
  read_triplets(spec.path, {}, [&](Triplet& triplet) { triplets.push_back(std::move(triplet)); });
  TripletEvaluatorOptions options{.name = spec.name.value_or("")};
  if (spec.batch_size != 0) options.batch_size = spec.batch_size;
  return std::make_unique<ColBERTTripletEvaluator>(std::move(triplets), std::move(options));
}

std::unique_ptr<Evaluator> make_retrieval(const EvaluatorSpec& spec) {
  const FolderAndSplit place = find_split(spec);
  RetrievalEvaluatorOptions options{.name = spec.name ? *spec.name : folder_name(place.folder),
                                    .cutoffs = spec.cutoffs,
                                    .ignore_identical_ids = spec.ignore_identical_ids};
  if (spec.corpus_chunk_size != 0) options.corpus_chunk_size = spec.corpus_chunk_size;
  return std::make_unique<PyLateInformationRetrievalEvaluator>(load_beir(place.folder, place.split),
                                                               std::move(options));
}

std::unique_ptr<Evaluator> make_nano_beir(const EvaluatorSpec& spec) {
  NanoBeirOptions options{.cutoffs = spec.cutoffs,
                          .ignore_identical_ids = spec.ignore_identical_ids};
  if (spec.corpus_chunk_size != 0) options.corpus_chunk_size = spec.corpus_chunk_size;
  return std::make_unique<NanoBEIREvaluator>(
      select_nano_beir(find_nano_beir(spec.path), spec.dataset_names), std::move(options));
}

std::unique_ptr<Evaluator> make_distillation(const EvaluatorSpec& spec) {
  const DistillationFiles files{
      .rows = {spec.path}, .queries = spec.queries, .documents = spec.documents};
  std::vector<DistillationRow> rows = read_all(DistillationRows::open(
      files, {.n_ways = spec.n_ways, .allow_missing_documents = spec.allow_missing_documents}));
  DistillationEvaluatorOptions options{.name = spec.name.value_or(""),
                                       .normalize_scores = spec.normalize_scores};
  if (spec.batch_size != 0) options.batch_size = spec.batch_size;
  return std::make_unique<ColBERTDistillationEvaluator>(std::move(rows), std::move(options));
}

// "dev" of data/dev.jsonl.gz.
std::string stem(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.', 1));
}

// Files of one kind that nobody named go by their own names, where there are several.
std::optional<std::string> name_in_sequence(const EvaluatorSpec& part,
                                            std::span<const EvaluatorSpec> all) {
  if (part.kind != EvaluatorKind::triplet && part.kind != EvaluatorKind::distillation) {
    return part.name;
  }
  const auto alike = std::ranges::count_if(
      all, [&](const EvaluatorSpec& other) { return other.kind == part.kind && !other.name; });
  return !part.name && alike > 1 ? stem(part.path) : part.name;
}

void add_files(const BeirFolder& found, std::vector<fs::path>& files) {
  files.insert(files.end(), {found.corpus, found.queries, found.qrels});
}

}  // namespace

std::vector<fs::path> files_of(const EvaluatorSpec& spec) {
  std::vector<fs::path> files;
  if (spec.kind == EvaluatorKind::triplet || spec.kind == EvaluatorKind::distillation) {
    files.push_back(spec.path);
    for (const std::vector<fs::path>& texts : {spec.queries, spec.documents}) {
      files.insert(files.end(), texts.begin(), texts.end());
    }
  } else if (spec.kind == EvaluatorKind::retrieval) {
    const FolderAndSplit place = find_split(spec);
    add_files(open_beir(place.folder, place.split), files);
  } else if (spec.kind == EvaluatorKind::nano_beir) {
    for (const NanoBeirSet& set : select_nano_beir(find_nano_beir(spec.path), spec.dataset_names)) {
      add_files(set.files, files);
    }
  }
  for (const EvaluatorSpec& part : spec.parts) {
    const std::vector<fs::path> more = files_of(part);
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

std::unique_ptr<Evaluator> make_evaluator(const EvaluatorSpec& spec) {
  switch (spec.kind) {
    case EvaluatorKind::triplet:
      return make_triplet(spec);
    case EvaluatorKind::retrieval:
      return make_retrieval(spec);
    case EvaluatorKind::nano_beir:
      return make_nano_beir(spec);
    case EvaluatorKind::distillation:
      return make_distillation(spec);
    case EvaluatorKind::sequence:
      break;
  }
  return std::make_unique<SequentialEvaluator>(make_each(spec.parts), spec.main);
}

std::vector<std::unique_ptr<Evaluator>> make_each(std::span<const EvaluatorSpec> specs) {
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  for (const EvaluatorSpec& spec : specs) {
    EvaluatorSpec named = spec;
    named.name = name_in_sequence(spec, specs);
    evaluators.push_back(make_evaluator(named));
  }
  return evaluators;
}

std::unique_ptr<Evaluator> make_evaluator(std::span<const std::string> specs) {
  if (specs.empty()) throw std::invalid_argument("evaluator: expected at least one");
  if (specs.size() == 1) return make_evaluator(read_evaluator_spec(specs[0]));
  EvaluatorSpec sequence{.kind = EvaluatorKind::sequence};
  for (const std::string& spec : specs) sequence.parts.push_back(read_evaluator_spec(spec));
  return make_evaluator(sequence);
}

}  // namespace maxsimd
