// Fills an index from files: documents are read, encoded and written piece by piece (a piece is
// written while the next is encoded), so memory does not grow with their number, and committed
// every so often, so that an interrupted build loses little. The same call with `resume` continues
// it: what the index holds already is passed over without being encoded.
//
// Documents whose ids are in the index replace those (without `resume`).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd {

/// 256 MiB of vectors: 1800 documents of 350 rows of 96 float32 (134 KiB each). A commit costs some
/// fsyncs, far below a second.
inline constexpr uint64_t kCommitBytes = uint64_t{256} << 20;

struct AddOptions {
  /// Pass over documents whose ids are in the index, whatever their content. Off: replace them.
  bool resume = false;
  /// Ids are whole numbers of 64 bits. All ids of an index are numbers, or none.
  bool integer_ids = false;
  // Between two commits, whichever is first: bytes of changes, time. What an interruption costs.
  uint64_t commit_bytes = kCommitBytes;
  std::chrono::milliseconds commit_interval = std::chrono::seconds(30);
  /// Documents done, passed over ones included, and in all; in rising order.
  std::function<void(uint64_t done, uint64_t total)> progress;
  /// How many bytes are free in the index's folder; tests ask somebody else.
  std::function<uint64_t(const std::filesystem::path&)> free_disk_bytes = maxsimd::free_disk_bytes;
};

struct AddReport {
  uint64_t added = 0;
  uint64_t passed_over = 0;  // with `resume`
};

/// Inputs that were read through, and what they hold.
struct CheckedDocuments : ReadReport {
  uint64_t text_bytes = 0;  // of titles and texts
};

/// Reads inputs through without doing anything with them: a bad line or a repeated id is found, or
/// with read.skip_bad counted, before any work. Throws as read_documents(), and FormatError when
/// there are no documents at all; IoError, without opening it, for an input that is neither a plain
/// file nor a folder, since inputs are read twice.
CheckedDocuments check_documents(std::span<const std::filesystem::path> inputs,
                                 const ReadOptions& read);

/// Adds the documents of checked inputs and commits (IndexWriter::optimize()). `checked` is what
/// check_documents() returned for the same inputs and options. Throws as read_documents(),
/// ColBERT::encode_documents(), IndexWriter::add() and commit(); what was committed stays. Throws
/// IoError when the first documents, once encoded and before any is written, show that the disk
/// surely has no room for all (space_check.h says how sure); what else does not fit is found by
/// IndexWriter::add().
AddReport add_documents(IndexWriter& writer, const ColBERT& model,
                        std::span<const std::filesystem::path> inputs, const ReadOptions& read,
                        const CheckedDocuments& checked, const AddOptions& options);

/// Adds the items of a file of embeddings, which have no texts and metadata, and commits the same
/// way. Of items with the same id the last one stays; with `resume` the first one. Throws as the
/// reader, IndexWriter::add() and commit(), and IoError when the disk has no room for all of it,
/// before anything is written (with `resume`: surely none for the rest).
AddReport add_embeddings(IndexWriter& writer, EmbeddingsReader& items, const AddOptions& options);

}  // namespace maxsimd
