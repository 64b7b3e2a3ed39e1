// maxsimd index INDEX IN...: makes an index of documents, or adds them to one that is there.
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/notes.h"
#include "cli/progress.h"
#include "cli/stored_index.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/collection/add_documents.h"
#include "maxsimd/collection/fingerprint.h"
#include "maxsimd/collection/index_place.h"
#include "maxsimd/collection/index_replacement.h"
#include "maxsimd/collection/model_check.h"
#include "maxsimd/collection/new_index.h"
#include "maxsimd/index/validation.h"

namespace maxsimd::cli {
namespace {

// A flag that would do nothing is a misunderstanding.
void check_flags(const IndexFlags& flags) {
  if (flags.index.empty()) refuse("INDEX: the name is empty");
  if (flags.inputs.empty() == flags.embeddings.empty()) {
    refuse("give files of documents, or --embeddings FILE.npz");
  }
  if (flags.replace && flags.add.resume) {
    refuse("--override starts anew, --resume goes on: give one of them");
  }
  if (flags.embeddings.empty()) return;
  if (flags.store_text) refuse("--store-text: embeddings have no texts");
  if (flags.read.skip_bad) refuse("--skip-bad: is for files of documents, not --embeddings");
}

IndexSettings new_settings(const IndexFlags& flags, size_t dim, const ColBERT* model) {
  IndexSettings settings = chosen_form(flags.form);
  settings.dim = dim;
  settings.store_text = flags.store_text;
  if (model != nullptr) {
    settings.model = flags.model.model;
    settings.fingerprint = model_fingerprint(*model);
    settings.document_length = flags.model.overrides.document_length;
    settings.document_prefix = flags.model.overrides.document_prefix;
  }
  return settings;
}

/// The documents or embeddings, checked before anything is made of them.
struct Input {
  Input(const IndexFlags& flags, const IndexSettings& form) {
    ProgressBar bar("checking", flags.embeddings.empty() ? "bytes" : "token vectors", kBarDelay);
    if (!flags.embeddings.empty()) {
      embeddings.emplace(flags.embeddings,
                         EmbeddingsChecks{.largest_value = largest_value(form),
                                          .require_integer_ids = flags.add.integer_ids,
                                          .progress = bar.callback()});
      if (embeddings->size() == 0) throw FormatError(flags.embeddings + ": no items to index");
      return;
    }
    ReadOptions options = flags.read;
    options.progress = bar.callback();
    checked = check_documents(flags.inputs, options);
    bar.clear();
    tell_skipped(checked.problems);
    if (checked.skipped > checked.problems.size()) {
      std::fprintf(stderr, "skipped: %llu more\n",
                   static_cast<unsigned long long>(checked.skipped - checked.problems.size()));
    }
  }

  CheckedDocuments checked;
  std::optional<EmbeddingsReader> embeddings;
};

AddReport add(IndexWriter& writer, Input& input, const ColBERT* model, const IndexFlags& flags) {
  ProgressBar bar("indexing", "documents");
  AddOptions options = flags.add;
  options.progress = bar.callback();
  if (input.embeddings) return add_embeddings(writer, *input.embeddings, options);
  return add_documents(writer, *model, flags.inputs, flags.read, input.checked, options);
}

void print_result(const IndexFlags& flags, const std::filesystem::path& place,
                  const AddReport& report, double seconds) {
  const Index index = Index::open(place);
  const auto number = [](auto value) { return static_cast<unsigned long long>(value); };
  std::fprintf(stderr, "%s: %llu documents added", flags.index.c_str(), number(report.added));
  if (flags.add.resume) {
    std::fprintf(stderr, ", %llu were there already", number(report.passed_over));
  }
  std::fprintf(stderr, "; %llu in all, %llu token vectors, %s (%.1f s)\n", number(index.size()),
               number(index.num_tokens()), format_bytes(index.size_bytes()).c_str(), seconds);
  tell_drift(index, flags.index);
}

AddReport extend(const StoredIndex& stored, Input& input, const ColBERT* model,
                 const IndexFlags& flags, const IndexWriterOptions& options) {
  IndexWriter writer = IndexWriter::open(flags.index, options);
  // Now nobody else changes it; while this one waited or read, another may have made it anew.
  if (!stored.has_commit || writer.settings() != stored.settings) {
    check_settings(writer.settings(), flags);
    if (model != nullptr) check_model(flags.index, writer.settings(), *model, flags.force_model);
  }
  return add(writer, input, model, flags);
}

/// Makes the index; nothing when another process has just made one there.
std::unique_ptr<NewIndex> make_new(const std::filesystem::path& place,
                                   const IndexSettings& settings,
                                   const IndexWriterOptions& options) {
  try {
    return std::make_unique<NewIndex>(place, settings, options);
  } catch (const std::exception&) {
    if (!is_index(place)) throw;
    return nullptr;
  }
}

// A replacement that was killed while it deleted the old index, or could not put the new one in.
void tell_leftovers(const std::filesystem::path& place) {
  const std::filesystem::path beside = place_beside(place);
  if (!is_index(beside)) return;
  std::fprintf(stderr,
               "note: %s: left by an --override that was cut short; the next one removes it\n",
               beside.c_str());
}

AddReport build(const std::filesystem::path& place, const std::optional<StoredIndex>& stored,
                Input& input, const ColBERT* model, const IndexFlags& flags) {
  IndexWriterOptions options = writer_options(flags.wait);
  options.isa = chosen_isa(flags.model);
  std::optional<ThreadPool> own_pool;
  options.pool = model != nullptr ? &model->pool() : &own_pool.emplace(flags.model.threads);
  const RewriteBar bar(options);
  if (stored) {
    const bool is_gone =
        !stored->has_commit && remove_uncommitted_index(place, options.lock_timeout_ms);
    if (!is_gone) return extend(*stored, input, model, flags, options);
  }
  const size_t dim = input.embeddings ? input.embeddings->dim() : model->dim();
  if (model != nullptr && model->dim() != dim) {
    throw std::invalid_argument(flags.embeddings + ": embeddings of dim " + std::to_string(dim) +
                                ", model '" + flags.model.model + "' has dim " +
                                std::to_string(model->dim()));
  }
  const IndexSettings settings = new_settings(flags, dim, model);
  if (!flags.replace) {
    if (const auto fresh = make_new(place, settings, options)) {
      return add(fresh->writer(), input, model, flags);
    }
    return extend({.settings = settings}, input, model, flags, options);
  }
  IndexReplacement replacement(flags.index, settings, options);
  const AddReport report = add(replacement.writer(), input, model, flags);
  replacement.commit();
  return report;
}

void run(IndexFlags flags) {
  check_flags(flags);
  const auto start = std::chrono::steady_clock::now();
  // Taken now: "." is the old index, out of its place, when a new one has replaced it.
  const std::filesystem::path place =
      std::filesystem::weakly_canonical(std::filesystem::absolute(flags.index));
  flags.read.require_integer_ids = flags.add.integer_ids;
  const std::optional<StoredIndex> stored = find_stored(flags);
  if (!flags.replace) tell_leftovers(place);
  if (stored) check_stored(*stored, flags);
  const bool needs_model = flags.embeddings.empty() || asks_for_model(flags.model);
  if (needs_model && stored) use_stored_model(flags, *stored);
  if (needs_model && flags.model.model.empty()) refuse("--model is required for a new index");
  const IndexSettings form = chosen_form(flags, stored);
  const bool computes = form.kind != IndexKind::exact || form.nbits != 0;
  if (!needs_model && flags.model.threads != 0 && !computes) {
    refuse("--threads: nothing is encoded");
  }
  if (flags.force_model && !(needs_model && stored && stored->has_commit)) {
    refuse("--force-model: is for documents added to an index that is there");
  }
  Input input(flags, form);
  std::optional<ColBERT> model;
  if (needs_model) model = load_model(flags.model);
  if (model && stored && stored->has_commit) {
    check_model(flags.index, stored->settings, *model, flags.force_model);
  }
  const AddReport report = build(place, stored, input, model ? &*model : nullptr, flags);
  print_result(flags, place, report, seconds_since(start));
}

}  // namespace

void add_index(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "index", "make an index of documents, or add documents to one; same ids are replaced");
  verb->footer(
      "The build commits every 256 MiB of vectors and every 30 seconds. An interrupted build is\n"
      "continued by the same command with --resume: documents whose ids the index has are passed\n"
      "over unencoded. Inputs are read twice, to check them first: files, not pipes. An index "
      "that\n"
      "has no commit yet is made anew with the flags given.\n"
      "Residual vectors wait as float16 until the end of the build, when centroids are trained on\n"
      "a sample of all of them; what is added later is coded by these.\n"
      "Graphs (kind hnsw) are built at the end, too, each of up to 1 GiB while it is made; until\n"
      "then, and where token vectors are fewer than 2,000, all documents are looked at.\n"
      "PyLate's index_folder/index_name is the INDEX here.");
  const auto flags = std::make_shared<IndexFlags>();
  add_index_argument(*verb, flags->index);
  verb->add_option("IN", flags->inputs,
                   "documents: JSON lines or TSV (also .gz), or folders of .txt and .md files");
  add_index_model_flags(*verb, flags->model, ModelSettings::of_documents,
                        "model folder, or 'mini'; default: the one the index was made with");
  verb->add_option(
      "--embeddings", flags->embeddings,
      "instead of IN: token vectors in an .npz, as 'encode --out' writes; --model then "
      "says whose they are, so that texts can be searched");
  add_form_flags(*verb, flags->form);
  verb->add_flag(
      "--override", flags->replace,
      "replace an index that is there, when the new one is complete; its lock is held until "
      "then");
  verb->add_flag("--store-text", flags->store_text, "keep the texts, to print and explain hits");
  verb->add_flag("--resume", flags->add.resume, "pass over documents whose ids the index has");
  verb->add_flag(
      "--integer-ids", flags->add.integer_ids,
      "ids are whole numbers of 64 bits, not texts; in IN and .npz as numbers or as \"7\"");
  verb->add_flag("--skip-bad", flags->read.skip_bad,
                 "pass over bad lines and repeated ids and list them, instead of stopping");
  verb->add_flag("--force-model", flags->force_model,
                 "add vectors of a model that is not the index's own");
  add_wait_flag(*verb, flags->wait);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
