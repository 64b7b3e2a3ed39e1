#include "cli/temporary_index.h"

#include <cerrno>
#include <cstdlib>
#include <span>
#include <string>
#include <system_error>

#include "cli/index_flags.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd::cli {
namespace {

namespace fs = std::filesystem;

fs::path make_folder() {
  std::string name = (fs::temp_directory_path() / "maxsimd-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw IoError(name +
                  ": cannot make a temporary folder: " + std::generic_category().message(errno));
  }
  return name;
}

void fill(IndexWriter& writer, const ColBERT& model, const Corpus& corpus) {
  encode_corpus(model, corpus, [&](const Embeddings& embeddings, std::span<const std::string> ids) {
    writer.add({.ids = ids, .embeddings = &embeddings});
    if (writer.pending_bytes() >= kCommitBytes) writer.commit();
  });
  writer.optimize();
}

}  // namespace

TemporaryIndex::TemporaryIndex(const ColBERT& model, const Corpus& corpus,
                               const IndexSettings& form)
    : folder_(make_folder()) {
  try {
    IndexWriterOptions options{.isa = model.isa(), .pool = &model.pool()};
    const RewriteBar bar(options);
    IndexSettings settings = form;
    settings.dim = model.dim();
    IndexWriter writer = IndexWriter::create(folder_ / "index", settings, options);
    fill(writer, model, corpus);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    throw;
  }
}

TemporaryIndex::~TemporaryIndex() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Index TemporaryIndex::open(kernels::Isa isa) const {
  return Index::open(folder_ / "index", {.isa = isa});
}

}  // namespace maxsimd::cli
