#include "cli/corpus.h"

#include <algorithm>
#include <span>

#include "cli/progress.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/data/documents.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kPieceDocuments = 512;  // about 50 MB of float32 vectors

}  // namespace

Corpus read_corpus(const std::filesystem::path& path,
                   const std::unordered_set<std::string>* wanted) {
  Corpus corpus;
  read_documents(path, {}, [&](Record& record) {
    if (wanted != nullptr && !wanted->contains(record.id)) return;
    corpus.ids.push_back(std::move(record.id));
    corpus.texts.push_back(document_text(std::move(record)));
  });
  return corpus;
}

Corpus read_query_file(const std::filesystem::path& path) {
  Corpus queries;
  read_queries(path, {}, [&](Record& record) {
    queries.ids.push_back(std::move(record.id));
    queries.texts.push_back(std::move(record.text));
  });
  if (queries.ids.empty()) throw FormatError(path.string() + ": no queries in this file");
  return queries;
}

void encode_corpus(const ColBERT& model, const Corpus& corpus, CodedEmbeddings& documents) {
  ProgressBar bar("encoding documents", "documents");
  const size_t total = corpus.texts.size();
  for (size_t begin = 0; begin < total; begin += kPieceDocuments) {
    const size_t count = std::min(kPieceDocuments, total - begin);
    const auto texts = std::span(corpus.texts).subspan(begin, count);
    const auto progress = [&](size_t done, size_t) { bar.update(begin + done, total); };
    documents.append(model.encode_documents(texts, {.progress = progress}),
                     std::span(corpus.ids).subspan(begin, count));
  }
}

}  // namespace maxsimd::cli
