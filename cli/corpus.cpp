#include "cli/corpus.h"

#include <span>

#include "cli/model_flags.h"
#include "cli/progress.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/colbert/encoding_stream.h"
#include "maxsimd/data/documents.h"

namespace maxsimd::cli {

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

std::filesystem::path find_sample(const std::string& name) {
  const std::string relative = "examples/data/" + name;
  std::filesystem::path path = find_shipped(relative);
  if (!path.empty()) return path;
  throw IoError(relative +
                " is not beside the program or in its build tree; run it from a checkout or an "
                "installed maxsimd");
}

void encode_corpus(const ColBERT& model, const Corpus& corpus, const StorePiece& store) {
  ProgressBar bar("encoding documents", "documents");
  EncodingStreamOptions options{.total = corpus.texts.size()};
  options.encode.progress = bar.callback();
  EncodingStream stream(model, TextKind::document, options, [&](const EncodedPiece& piece) {
    store(piece.embeddings, std::span(corpus.ids).subspan(piece.first, piece.texts.size()));
  });
  for (const std::string& text : corpus.texts) stream.push(text);
  stream.finish();
}

void encode_corpus(const ColBERT& model, const Corpus& corpus, CodedEmbeddings& documents) {
  encode_corpus(model, corpus, [&](const Embeddings& piece, std::span<const std::string> ids) {
    documents.append(piece, ids);
  });
}

}  // namespace maxsimd::cli
