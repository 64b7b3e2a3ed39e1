// NanoBEIR on disk: small data sets of 50 queries each, of which a mean is reported. Two layouts:
//
//   FOLDER/SET/corpus.jsonl  FOLDER/SET/queries.jsonl  FOLDER/SET/qrels.jsonl
//       or FOLDER/SET/qrels/SPLIT.tsv: a BEIR folder a set
//   FOLDER/corpus/SET.jsonl  FOLDER/queries/SET.jsonl  FOLDER/qrels/SET.jsonl
//       the subsets and splits of sentence-transformers/NanoBEIR-en, exported as JSON lines
//
// each file also with .gz. The columns are the hub's: _id, text; query-id, corpus-id.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "maxsimd/evaluation/beir.h"

namespace maxsimd {

/// One data set, found but not read.
struct NanoBeirSet {
  std::string dataset_name;  // PyLate's short name ("scifact"), else the folder's name
  std::string name;          // "NanoSciFact": what metrics are called by
  BeirFolder files;
};

/// The sets of a folder: PyLate's 13 in its order, then others by name. Names that start with a dot
/// are passed over. "SciFact", "scifact" and "NanoSciFact" are one set. Throws IoError: a folder
/// without sets, a set without one of its files; FormatError: a set twice, several files of qrels.
std::vector<NanoBeirSet> find_nano_beir(const std::filesystem::path& folder);

/// Those of the sets that are asked for (in any of their names), in the order asked; all when none
/// is named. Throws std::invalid_argument for one that is not there.
std::vector<NanoBeirSet> select_nano_beir(std::vector<NanoBeirSet> sets,
                                          const std::vector<std::string>& dataset_names);

}  // namespace maxsimd
