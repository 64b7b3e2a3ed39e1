// maxsimd index INDEX IN...: makes an index of documents, or adds them to one that is there.
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/index_flags.h"
#include "cli/model_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/collection/add_documents.h"
#include "maxsimd/collection/fingerprint.h"
#include "maxsimd/collection/index_replacement.h"
#include "maxsimd/collection/model_check.h"

namespace maxsimd::cli {
namespace {

namespace fs = std::filesystem;

struct Flags {
  ModelFlags model;
  std::string index, embeddings;
  std::vector<fs::path> inputs;
  std::optional<std::string> kind, codec;
  AddOptions add;
  ReadOptions read;
  bool replace = false;
  bool store_text = false;
  bool force_model = false;
  unsigned wait = 0;
};

[[noreturn]] void refuse(const std::string& problem) {
  throw CLI::ValidationError(problem);
}

// A flag that would do nothing is a misunderstanding.
void check_flags(const Flags& flags) {
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

// What an existing index has and the flags ask otherwise.
void check_settings(const IndexSettings& stored, const Flags& flags) {
  const auto check = [&](const char* flag, const std::optional<std::string>& asked,
                         std::string_view has) {
    if (!asked || *asked == has) return;
    throw std::invalid_argument(flags.index + ": the index has " + flag + " " + std::string(has) +
                                ", asked was " + *asked +
                                "; leave the flag out, or make a new index with --override");
  };
  check("--kind", flags.kind, index_kind_name(stored.kind));
  check("--codec", flags.codec, codec_name(stored.codec));
  if (flags.store_text && !stored.store_text) {
    throw std::invalid_argument(flags.index +
                                ": the index does not store texts, asked was --store-text; leave "
                                "the flag out, or make a new index with --override");
  }
  if (stored.model.empty() && (flags.embeddings.empty() || asks_for_model(flags.model))) {
    throw std::invalid_argument(
        flags.index +
        ": an index of bare embeddings; add to it with --embeddings, without --model");
  }
  if (!flags.embeddings.empty() && !asks_for_model(flags.model) && !stored.model.empty()) {
    std::fprintf(stderr, "note: the embeddings are taken for those of the index's model, '%s'\n",
                 stored.model.c_str());
  }
}

IndexSettings new_settings(const Flags& flags, size_t dim, const ColBERT* model) {
  IndexSettings settings{.dim = dim,
                         .kind = *index_kind_from_name(flags.kind.value_or("exact")),
                         .codec = *codec_from_name(flags.codec.value_or("float32")),
                         .store_text = flags.store_text};
  if (model != nullptr) {
    settings.model = flags.model.model;
    settings.fingerprint = model_fingerprint(*model);
  }
  return settings;
}

/// The documents or embeddings, checked before anything is made of them.
struct Input {
  explicit Input(const Flags& flags) {
    if (!flags.embeddings.empty()) {
      ProgressBar bar("checking", "token vectors");
      embeddings.emplace(flags.embeddings, bar.callback());
      if (embeddings->size() == 0) throw FormatError(flags.embeddings + ": no items to index");
      return;
    }
    checked = check_documents(flags.inputs, flags.read);
    for (const std::string& problem : checked.problems) {
      std::fprintf(stderr, "skipped: %s\n", problem.c_str());
    }
    if (checked.skipped > checked.problems.size()) {
      std::fprintf(stderr, "skipped: %llu more\n",
                   static_cast<unsigned long long>(checked.skipped - checked.problems.size()));
    }
  }

  CheckedDocuments checked;
  std::optional<EmbeddingsReader> embeddings;
};

AddReport add(IndexWriter& writer, Input& input, const ColBERT* model, const Flags& flags) {
  ProgressBar bar("indexing", "documents");
  AddOptions options = flags.add;
  options.progress = bar.callback();
  if (input.embeddings) return add_embeddings(writer, *input.embeddings, options);
  return add_documents(writer, *model, flags.inputs, flags.read, input.checked, options);
}

void print_result(const Flags& flags, const std::filesystem::path& place, const AddReport& report,
                  double seconds) {
  const Index index = Index::open(place);
  const auto number = [](auto value) { return static_cast<unsigned long long>(value); };
  std::fprintf(stderr, "%s: %llu documents added", flags.index.c_str(), number(report.added));
  if (flags.add.resume) {
    std::fprintf(stderr, ", %llu were there already", number(report.passed_over));
  }
  std::fprintf(stderr, "; %llu in all, %llu token vectors, %s (%.1f s)\n", number(index.size()),
               number(index.num_tokens()), format_bytes(index.size_bytes()).c_str(), seconds);
}

AddReport build(Input& input, const ColBERT* model, const Flags& flags) {
  IndexWriterOptions options = writer_options(flags.wait);
  options.isa = chosen_isa(flags.model);
  if (!flags.replace && is_index(flags.index)) {
    IndexWriter writer = IndexWriter::open(flags.index, options);
    return add(writer, input, model, flags);
  }
  const size_t dim = input.embeddings ? input.embeddings->dim() : model->dim();
  if (model != nullptr && model->dim() != dim) {
    throw std::invalid_argument(flags.embeddings + ": embeddings of dim " + std::to_string(dim) +
                                ", model '" + flags.model.model + "' has dim " +
                                std::to_string(model->dim()));
  }
  const IndexSettings settings = new_settings(flags, dim, model);
  if (!flags.replace) {
    IndexWriter writer = IndexWriter::create(flags.index, settings, options);
    return add(writer, input, model, flags);
  }
  IndexReplacement replacement(flags.index, settings, options);
  const AddReport report = add(replacement.writer(), input, model, flags);
  replacement.commit();
  return report;
}

void run(Flags flags) {
  check_flags(flags);
  const auto start = std::chrono::steady_clock::now();
  // Taken now: "." is the old index, out of its place, when a new one has replaced it.
  const std::filesystem::path place =
      std::filesystem::weakly_canonical(std::filesystem::absolute(flags.index));
  std::optional<IndexSettings> stored;
  if (flags.replace) {
    check_index_can_be_replaced(flags.index);
  } else if (is_index(flags.index)) {
    stored = read_index_settings(flags.index);
    check_settings(*stored, flags);
    const bool needs_model = flags.embeddings.empty() || asks_for_model(flags.model);
    if (flags.model.model.empty() && needs_model) {
      flags.model.model = stored_model(flags.index, *stored);
    }
  }
  const bool needs_model = flags.embeddings.empty() || asks_for_model(flags.model);
  if (needs_model && flags.model.model.empty()) refuse("--model is required for a new index");
  if (!needs_model && flags.model.threads != 0) refuse("--threads: nothing is encoded");
  if (flags.force_model && !(needs_model && stored)) {
    refuse("--force-model: is for documents added to an index that is there");
  }
  Input input(flags);
  std::optional<ColBERT> model;
  if (needs_model) model = load_model(flags.model);
  if (model && stored) check_model(flags.index, *stored, *model, flags.force_model);
  const AddReport report = build(input, model ? &*model : nullptr, flags);
  print_result(flags, place, report,
               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace

void add_index(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "index", "make an index of documents, or add documents to one; same ids are replaced");
  verb->footer(
      "The build commits every 256 MiB of vectors and every 30 seconds. An interrupted build is\n"
      "continued by the same command with --resume: documents whose ids the index has are passed\n"
      "over unencoded.\n"
      "PyLate's index_folder/index_name is the INDEX here.");
  const auto flags = std::make_shared<Flags>();
  add_index_argument(*verb, flags->index);
  verb->add_option("IN", flags->inputs,
                   "documents: JSON lines or TSV (also .gz), or folders of .txt and .md files");
  add_index_model_flags(*verb, flags->model, ModelSettings::of_documents,
                        "model folder, or 'mini'; default: the one the index was made with");
  verb->add_option(
      "--embeddings", flags->embeddings,
      "instead of IN: token vectors in an .npz, as 'encode --out' writes; --model then "
      "says whose they are, so that texts can be searched");
  verb->add_option("--kind", flags->kind, "how candidates are found: exact (the default)")
      ->check(CLI::IsMember({"exact"}));
  verb->add_option("--codec", flags->codec,
                   "how vectors are stored: float32 (the default), float16, int8")
      ->check(CLI::IsMember({"float32", "float16", "int8"}));
  verb->add_flag("--override", flags->replace,
                 "replace an index that is there, when the new one is complete");
  verb->add_flag("--store-text", flags->store_text, "keep the texts, to print and explain hits");
  verb->add_flag("--resume", flags->add.resume, "pass over documents whose ids the index has");
  verb->add_flag("--integer-ids", flags->add.integer_ids, "ids are whole numbers, not texts");
  verb->add_flag("--skip-bad", flags->read.skip_bad,
                 "pass over bad lines and repeated ids and list them, instead of stopping");
  verb->add_flag("--force-model", flags->force_model,
                 "add vectors of a model that is not the index's own");
  add_wait_flag(*verb, flags->wait);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
