// A BEIR data set on disk:
//
//   FOLDER/corpus.jsonl[.gz]  FOLDER/queries.jsonl[.gz]  FOLDER/qrels/SPLIT.tsv
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/data/documents.h"
#include "maxsimd/data/qrels.h"

namespace maxsimd {

/// The parts of a BEIR folder, found but not read.
struct BeirFolder {
  std::filesystem::path corpus;
  std::filesystem::path queries;
  std::filesystem::path qrels;
};

/// FOLDER/NAME.jsonl or .jsonl.gz, whichever there is.
std::optional<std::filesystem::path> find_json_lines(const std::filesystem::path& folder,
                                                     const std::string& name);

/// What a data set is called by its folder: "scifact" of data/scifact and of data/scifact/.
std::string folder_name(const std::filesystem::path& folder);

/// The splits there are (names of qrels/*.tsv), sorted.
std::vector<std::string> beir_splits(const std::filesystem::path& folder);

/// Finds the files of a split. Throws IoError when one is missing; for qrels the message lists the
/// splits there are.
BeirFolder open_beir(const std::filesystem::path& folder, const std::string& split);

struct BeirData {
  std::vector<std::string> document_ids;
  std::vector<std::string> document_texts;  // [documents] document_text() of each
  std::vector<std::string> query_ids;       // the judged queries only, in the order of the file
  std::vector<std::string> query_texts;
  Qrels qrels;
  // Judged queries that queries.jsonl lacks: nobody can answer them, they score 0.
  size_t num_unknown_queries = 0;
  // Judgments above 0 of documents that the corpus lacks: nobody can find them.
  size_t num_unknown_documents = 0;
  // A few of these ids, for the message.
  std::vector<std::string> unknown_examples;
};

enum class EmptyTexts { keep, drop };

/// Reads the files of a split; with EmptyTexts::drop, documents and queries without text are passed
/// over (NanoBEIR's rule). Throws as load_beir().
BeirData read_beir(const BeirFolder& files, const ReadOptions& options = {},
                   EmptyTexts empty_texts = EmptyTexts::keep);

/// open_beir() and read_beir(): a split with its corpus. Throws IoError, FormatError (file:line;
/// also for an empty corpus and for qrels that name no query of the file).
BeirData load_beir(const std::filesystem::path& folder, const std::string& split,
                   const ReadOptions& options = {});

}  // namespace maxsimd
