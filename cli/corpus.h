// Documents and queries from files, and documents encoded into a store: what several verbs do.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/coded_embeddings.h"

namespace maxsimd::cli {

struct Corpus {
  std::vector<std::string> ids;
  std::vector<std::string> texts;
};

/// All documents of a file or folder (read_documents), or only those with an id in `wanted`.
Corpus read_corpus(const std::filesystem::path& path,
                   const std::unordered_set<std::string>* wanted = nullptr);

/// All queries of a file. Throws FormatError when there is none.
Corpus read_query_file(const std::filesystem::path& path);

/// A file of the sample collection that comes with maxsimd (examples/data). Throws IoError.
std::filesystem::path find_sample(const std::string& name);

/// Encodes the documents in order, with a progress bar, and hands them out piece by piece, so that
/// their float32 vectors are never all in memory at once.
using StorePiece = std::function<void(const Embeddings&, std::span<const std::string> ids)>;
void encode_corpus(const ColBERT& model, const Corpus& corpus, const StorePiece& store);

/// The same, appended to documents in memory.
void encode_corpus(const ColBERT& model, const Corpus& corpus, CodedEmbeddings& documents);

}  // namespace maxsimd::cli
