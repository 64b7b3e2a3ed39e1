#include "maxsimd/search/retrieve.h"

#include <gtest/gtest.h>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/maxsim.h"

namespace maxsimd {
namespace {

using index_testing::batch_of;
using index_testing::message_of;
using index_testing::random_batch;

TEST(Retrieve, NamesTheDocumentsAsGiven) {
  CodedEmbeddings documents(2, Codec::float32);
  documents.append(batch_of(2, {{{0, 1}}, {{1, 0}}, {{0, 1}}}));
  const std::vector<std::string> ids = {"b", "\xC3\xA9", "a"};
  ThreadPool pool(2);
  const auto hits = retrieve(batch_of(2, {{{0, 2}}, {}, {{1, 0}}}), documents, ids, {}, pool);
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[0], (std::vector<Hit>{{"b", 2.0F}, {"a", 2.0F}, {"\xC3\xA9", 0.0F}}));
  EXPECT_TRUE(hits[1].empty());
  EXPECT_EQ(hits[2].front(), (Hit{"\xC3\xA9", 1.0F}));
}

TEST(Retrieve, RefusesIdsThatAreNotOneADocument) {
  CodedEmbeddings documents(2, Codec::float32);
  documents.append(batch_of(2, {{{0, 1}}, {{1, 0}}}));
  ThreadPool pool(1);
  const std::vector<std::string> ids = {"a"};
  EXPECT_EQ(message_of([&] { retrieve(batch_of(2, {}), documents, ids, {}, pool); }),
            "retrieve: expected one id a document (2), got 1");
}

TEST(Align, OfStoredDocumentsIsThatOfTheirDecodedRows) {
  const Embeddings batch = random_batch(96, {40, 7}, 61);
  const Embeddings query = random_batch(96, {32}, 62);
  for (const Codec codec : index_testing::kCodecs) {
    CodedEmbeddings documents(96, codec);
    documents.append(batch);
    const Embeddings stored = index_testing::decoded(documents);
    EXPECT_EQ(align(query.matrix(0), documents, 1), align(query.matrix(0), stored.matrix(1)));
  }
  CodedEmbeddings documents(96, Codec::float32);
  EXPECT_THROW(align(query.matrix(0), documents, 0), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
