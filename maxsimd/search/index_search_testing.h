// Shared by the tests of search over an index folder: the folder, a writer, and the same documents
// in memory as a list in the order of adding, which is what every answer is compared with.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/index/index.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/retrieve.h"

namespace maxsimd::index_search_testing {

using Ids = std::vector<std::string>;

inline std::string numbered(const char* prefix, size_t number) {
  return std::string(prefix).append(std::to_string(number));
}

/// A folder that is gone after the test.
class TestFolder {
 public:
  TestFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("maxsimd-search-" + std::to_string(::getpid()) + "-" + test->name() + "-" +
             std::to_string(count_++));
    std::filesystem::remove_all(path_);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  inline static int count_ = 0;
  std::filesystem::path path_;
};

/// What the index should hold.
class DocumentList {
 public:
  explicit DocumentList(size_t dim) : dim_(dim) {}

  /// An id that is there goes to the end with its new rows.
  void add(const std::string& id, Embeddings rows) {
    remove(id);
    documents_.emplace_back(id, std::move(rows));
  }
  bool remove(const std::string& id) {
    return std::erase_if(documents_, [&](const auto& document) { return document.first == id; }) >
           0;
  }

  size_t size() const { return documents_.size(); }
  size_t dim() const { return dim_; }
  Ids ids() const {
    Ids ids;
    for (const auto& document : documents_) ids.push_back(document.first);
    return ids;
  }
  Embeddings embeddings() const {
    Embeddings batch;
    batch.dim = dim_;
    for (const auto& document : documents_) batch.append(document.second.matrix(0));
    return batch;
  }
  CodedEmbeddings coded(Codec codec) const {
    CodedEmbeddings documents(dim_, codec);
    documents.append(embeddings());
    return documents;
  }

 private:
  size_t dim_;
  std::vector<std::pair<std::string, Embeddings>> documents_;
};

/// An index and the list it must agree with, changed together.
class MirroredIndex {
 public:
  explicit MirroredIndex(size_t dim, Codec codec = Codec::float32)
      : codec_(codec),
        list_(dim),
        writer_(IndexWriter::create(folder_.path(), {.dim = dim, .codec = codec})) {}

  /// Not committed yet.
  void add(const Ids& ids, const Embeddings& rows) {
    writer_->add({.ids = ids, .embeddings = &rows});
    for (size_t i = 0; i < ids.size(); ++i) list_.add(ids[i], index_testing::item_of(rows, i));
  }
  void remove(const Ids& ids) {
    Ids unknown;
    for (const std::string& id : ids) {
      if (!list_.remove(id)) unknown.push_back(id);
    }
    EXPECT_EQ(writer_->remove(ids), unknown);
  }
  void commit() { writer_->commit(); }
  void compact() { writer_->compact(); }
  void reopen_writer() {
    writer_.reset();
    writer_ = IndexWriter::open(folder_.path());
  }

  const std::filesystem::path& folder() const { return folder_.path(); }
  IndexWriter& writer() { return *writer_; }
  const DocumentList& list() const { return list_; }
  Codec codec() const { return codec_; }
  Index open() const { return Index::open(folder_.path()); }

 private:
  TestFolder folder_;
  Codec codec_;
  DocumentList list_;
  std::optional<IndexWriter> writer_;
};

/// Rows e_i: the item with one row that is 1 in dimension i.
inline Embeddings unit_rows(size_t dim, const std::vector<size_t>& dimensions) {
  Embeddings batch;
  batch.dim = dim;
  for (const size_t dimension : dimensions) {
    std::vector<float> row(dim, 0.0F);
    row[dimension] = 1.0F;
    batch.append({row.data(), 1, dim});
  }
  return batch;
}

}  // namespace maxsimd::index_search_testing
