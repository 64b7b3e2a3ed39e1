// Random operations on an index folder and on a map in memory: the answers, their order, ids, texts
// and counts are the same after every one of them (B27, B28, B35).
//
// About 150 operations a seed; MAXSIMD_STORE_OPERATIONS and MAXSIMD_STORE_SEED ask for other runs.
#include <gtest/gtest.h>

#include <set>

#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/residual_coding.h"
#include "maxsimd/index/segment_writer.h"
#include "maxsimd/index/verify.h"
#include "tests/store/store_folder.h"
#include "tests/store/store_model.h"

namespace maxsimd::store_testing {
namespace {

constexpr size_t kMostSegments = 30;

struct Snapshot {
  Index index;
  StoreModel model;
};

struct ModelForm {
  IndexKind kind = IndexKind::exact;
  Codec codec = Codec::float32;
  size_t nbits = 0;
};

// One run: the folder, its writer, and what the model says is committed and pending.
class ModelRun {
 public:
  ModelRun(uint64_t seed, const ModelForm& form, IdType id_type)
      : documents_(seed, id_type), id_type_(id_type), pool_(2) {
    IndexSettings settings;
    settings.dim = kModelDim;
    settings.kind = form.kind;
    settings.codec = form.codec;
    settings.nbits = form.nbits;
    settings.m = 4;
    settings.ef_construction = 8;
    settings.store_text = true;
    options_ = {.pool = &pool_,
                .num_centroids = 16,
                .fewest_listed_vectors = 40,
                .graph_memory = 100 * graph_bytes_per_vector(settings.m)};
    writer_ =
        std::make_unique<IndexWriter>(IndexWriter::create(folder_.index(), settings, options_));
  }

  void play_one() {
    const uint64_t kind = documents_.below(100);
    if (kind < 30) return add();
    if (kind < 42) return remove();
    if (kind < 60) return commit();
    if (kind < 64) return reopen();
    if (kind < 67) return compact();
    if (kind < 68) return retrain();
    if (kind < 72) return refuse();
    if (kind < 76) return keep();
    if (kind < 82) return check_kept();
    if (kind < 88) return check_by_ids();
    if (kind < 95) return check_by_condition();
    check_all(Index::open(folder_.index()));
  }

  void finish() {
    commit();
    retrain();
    const Index index = Index::open(folder_.index());
    EXPECT_EQ(index.codebook().has_value(), index.settings().nbits != 0);
    check_kept();
    const VerifyReport report = verify_index(folder_.index());
    EXPECT_EQ(report.problems, std::vector<std::string>());
    EXPECT_EQ(report.num_documents, committed_.size());
  }

 private:
  void add() {
    std::vector<std::string> ids, metadata, texts;
    Embeddings rows;
    rows.dim = kModelDim;
    for (uint64_t left = 1 + documents_.below(6); left > 0; --left) {
      const ModelDocument document = documents_.document(next_order_++);
      ids.push_back(document.id);
      metadata.push_back(document.metadata());
      texts.push_back(document.text);
      rows.append(document.rows.matrix(0));
      pending_.add(document);
    }
    writer_->add({ids, &rows, metadata, texts, id_type_});
    EXPECT_TRUE(writer_->contains(ids.front()));
    EXPECT_GT(writer_->pending_bytes(), 0U);
  }

  void remove() {
    std::vector<std::string> ids, expected_unknown;
    for (uint64_t left = 1 + documents_.below(5); left > 0; --left) ids.push_back(documents_.id());
    if (documents_.below(3) == 0) ids.push_back(ids.front());  // repeated
    std::set<std::string> known;
    for (const std::string& id : ids) {
      if (pending_.contains(id)) known.insert(id);
    }
    for (const std::string& id : known) pending_.remove(id);
    std::set<std::string> unknown;
    for (const std::string& id : writer_->remove(ids)) unknown.insert(id);
    for (const std::string& id : ids) {
      EXPECT_FALSE(writer_->contains(id));
      EXPECT_TRUE(known.contains(id) || unknown.contains(id)) << id;
    }
    // A repeated id may be reported as unknown the second time.
    for (const std::string& id : unknown) {
      EXPECT_TRUE(!known.contains(id) || std::count(ids.begin(), ids.end(), id) > 1) << id;
    }
  }

  void commit() {
    const bool optimizes = documents_.below(6) == 0;
    if (optimizes) {
      writer_->optimize();
    } else {
      writer_->commit();
    }
    committed_ = pending_;
    const Index index = writer_->snapshot();
    if (optimizes) check_graphs(index);
    EXPECT_EQ(index.size(), committed_.size());
    EXPECT_LE(index.num_segments(), kMostSegments);
    EXPECT_EQ(writer_->pending_bytes(), 0U);
  }

  // Changes that were not committed are dropped.
  void reopen() {
    writer_.reset();
    writer_ = std::make_unique<IndexWriter>(IndexWriter::open(folder_.index(), options_));
    pending_ = committed_;
    check_all(writer_->snapshot());
  }

  void compact() {
    const CompactReport report = writer_->compact();
    committed_ = pending_;
    const Index index = Index::open(folder_.index());
    EXPECT_EQ(index.num_deleted(), 0U);
    EXPECT_EQ(index.num_segments(), report.segments_after);
    check_graphs(index);
    check_all(index);
  }

  // Codes what is stored anew: from here on that is what the documents are.
  void retrain() {
    if (Index::open(folder_.index()).settings().nbits == 0) return compact();
    commit();
    const Index before = writer_->snapshot();
    if (before.codebook() && before.settings().codec == Codec::residual) {
      for (const DocId number : before.documents()) {
        pending_.set_rows(std::string(before.id(number)), decoded_rows(before, number));
      }
    }
    writer_->compact({.retrain = true});
    committed_ = pending_;
    const Index index = Index::open(folder_.index());
    EXPECT_EQ(index.num_deleted(), 0U);
    if (before.codebook() && before.num_tokens() > 0) {
      EXPECT_EQ(index.codebook()->num_added, 0U);
      EXPECT_EQ(index.codebook()->drift(), 1.0);
    }
    check_all(index);
  }

  // A batch with one bad document is refused whole.
  void refuse() {
    std::vector<std::string> ids = {documents_.id(), documents_.id()};
    std::vector<std::string> metadata(2);
    Embeddings rows;
    rows.dim = kModelDim;
    rows.append(documents_.document(0).rows.matrix(0));
    rows.append(documents_.rows().matrix(0));
    switch (documents_.below(5)) {
      case 0:
        ids[1] = "";
        break;
      case 1:
        ids[1] = std::string(513, 'x');
        break;
      case 2:
        metadata[1] = "[1]";
        break;
      case 3:
        metadata[1] = "{\"year\":";
        break;
      default:
        rows.values.assign(rows.values.size() + kModelDim, std::numeric_limits<float>::quiet_NaN());
        ++rows.offsets.back();
    }
    EXPECT_THROW(writer_->add({ids, &rows, metadata, {}, id_type_}), std::invalid_argument);
    for (const std::string& id : ids) {
      EXPECT_EQ(writer_->contains(id), pending_.contains(id)) << id;
    }
  }

  void keep() {
    if (kept_.size() == 3) kept_.erase(kept_.begin());
    kept_.push_back({Index::open(folder_.index()), committed_});
  }

  // Snapshots stay what they were, whatever has been merged and deleted since.
  void check_kept() {
    for (const Snapshot& snapshot : kept_) {
      check_order(snapshot.index, snapshot.model);
      check_search(snapshot.index, snapshot.model, nullptr, any);
    }
    if (!kept_.empty()) check_all(kept_.back().index.refresh());
  }

  void check_by_ids() {
    const Index index = Index::open(folder_.index());
    std::vector<std::string> ids;
    for (uint64_t left = documents_.below(30); left > 0; --left) ids.push_back(documents_.id());
    const std::set<std::string> known(ids.begin(), ids.end());
    const Filter filter = index.filter_ids(ids);
    check_search(index, committed_, &filter,
                 [&](const ModelDocument& document) { return known.contains(document.id); });
  }

  void check_by_condition() {
    const Index index = Index::open(folder_.index());
    const ModelCondition condition = documents_.condition();
    SCOPED_TRACE(condition.text);
    const Filter filter = index.filter_where(Where::parse(condition.text));
    check_search(index, committed_, &filter,
                 [&](const ModelDocument& document) { return condition.holds(document) == true; });
  }

  void check_all(const Index& index) {
    check_order(index, committed_);
    check_search(index, committed_, nullptr, any);
    for (const ModelDocument* document : committed_.in_order()) {
      const auto number = index.find(document->id);
      ASSERT_TRUE(number) << document->id;
      const DocumentRecord record = index.record(*number);
      EXPECT_EQ(record.id, document->id);
      EXPECT_EQ(record.metadata, document->metadata());
      EXPECT_EQ(record.text, document->text);
      check_rows(index, *number, document->rows);
    }
    EXPECT_FALSE(index.find("no such document"));
    check_parts(index);
  }

  // Stored whole, as the codebook codes them, or both.
  void check_rows(const Index& index, DocId number, const Embeddings& expected) {
    const CodedRows rows = index.rows(number);
    if (rows.codec != Codec::residual) {
      EXPECT_EQ(decode(rows, index.kernels()), expected.values);
    }
    if (!index.codebook()) return;
    const CodedRows residuals = index.residuals(number);
    CodedResiduals coded(*index.codebook()->codebook);
    coded.encode(expected.matrix(0), pool_);
    EXPECT_TRUE(std::ranges::equal(residuals.centroids, coded.rows().centroids));
    EXPECT_TRUE(std::ranges::equal(residuals.codes, coded.rows().codes));
  }

  // After optimize(): what has no graph is not enough for one.
  void check_graphs(const Index& index) {
    if (index.settings().kind != IndexKind::hnsw) return;
    uint64_t without = 0;
    for (const IndexPart& part : index.parts()) {
      if (part.graph != nullptr) continue;
      for (size_t i = 0; i < part.documents.size(); ++i) {
        if (!index.live().contains(part.documents.first_slot + i)) continue;
        without += part.documents.rows_of(i).num_rows();
      }
    }
    EXPECT_LT(without, options_.fewest_listed_vectors);
  }

  // The lists name just the documents that have a vector at the centroid.
  void check_parts(const Index& index) {
    size_t num_slots = 0;
    for (const IndexPart& part : index.parts()) {
      const CodedRows& rows = part.documents.rows;
      EXPECT_EQ(part.documents.first_slot, num_slots);
      num_slots += part.documents.size();
      const bool is_large = rows.num_rows() >= options_.fewest_listed_vectors;
      const bool is_plaid = index.settings().kind == IndexKind::plaid;
      EXPECT_EQ(part.lists.has_value(), part.codebook != nullptr && is_large && is_plaid);
      if (part.graph != nullptr) {
        EXPECT_EQ(index.settings().kind, IndexKind::hnsw);
        EXPECT_TRUE(is_large);
        EXPECT_EQ(part.graph->size(), rows.num_rows());
      }
      if (!part.lists) continue;
      std::vector<std::set<uint32_t>> expected(part.codebook->num_centroids());
      for (size_t slot = 0; slot < part.documents.size(); ++slot) {
        const auto& offsets = part.documents.row_offsets;
        const CodedRows of_slot =
            part.residuals.slice(static_cast<size_t>(offsets[slot]),
                                 static_cast<size_t>(offsets[slot + 1] - offsets[slot]));
        for (const uint16_t centroid : of_slot.centroids) {
          expected[centroid].insert(static_cast<uint32_t>(slot));
        }
      }
      ASSERT_EQ(part.lists->num_centroids(), expected.size());
      for (size_t c = 0; c < expected.size(); ++c) {
        EXPECT_TRUE(std::ranges::equal(part.lists->list(c), expected[c])) << c;
      }
    }
    EXPECT_EQ(num_slots, index.num_slots());
  }

  static Embeddings decoded_rows(const Index& index, DocId number) {
    Embeddings rows;
    rows.dim = kModelDim;
    rows.values = decode(index.rows(number), index.kernels());
    rows.offsets.push_back(rows.values.size() / kModelDim);
    return rows;
  }

  static void check_order(const Index& index, const StoreModel& model) {
    std::vector<std::string> got, expected;
    uint64_t num_tokens = 0;
    for (const DocId number : index.documents()) got.emplace_back(index.id(number));
    for (const ModelDocument* document : model.in_order()) {
      expected.push_back(document->id);
      num_tokens += document->rows.num_tokens();
    }
    EXPECT_EQ(got, expected);
    EXPECT_EQ(index.size(), model.size());
    EXPECT_EQ(index.num_tokens(), num_tokens);
  }

  void check_search(const Index& index, const StoreModel& model, const Filter* filter,
                    const StoreModel::Wanted& wanted) {
    const Embeddings query = documents_.rows();
    const size_t sizes[] = {1, 3, 10, model.size() + 5, 1'000'000'000};
    const size_t k = sizes[documents_.below(5)];
    const auto scores = model.scores(query, wanted, [&](const ModelDocument& document) {
      return decoded_rows(index, *index.find(document.id));
    });
    EXPECT_EQ(
        difference(search_index(index, query, k, filter, pool_), scores, k, tolerance_of(index)),
        "");
  }

  static bool any(const ModelDocument&) { return true; }

  StoreFolder folder_;
  RandomDocuments documents_;
  IdType id_type_;
  ThreadPool pool_;
  IndexWriterOptions options_;
  std::unique_ptr<IndexWriter> writer_;
  StoreModel committed_, pending_;
  std::vector<Snapshot> kept_;
  uint64_t next_order_ = 0;
};

class StoreModelTest : public testing::TestWithParam<ModelForm> {};

TEST_P(StoreModelTest, RandomOperationsGiveTheAnswersOfAMapB27B28B35) {
  const uint64_t seed = number_setting("MAXSIMD_STORE_SEED", 1);
  const size_t num_operations = number_setting("MAXSIMD_STORE_OPERATIONS", 150);
  for (const IdType id_type : {IdType::string, IdType::integer}) {
    ModelRun run(seed, GetParam(), id_type);
    for (size_t operation = 0; operation < num_operations; ++operation) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", operation " + std::to_string(operation));
      ASSERT_NO_FATAL_FAILURE(run.play_one());
      ASSERT_FALSE(HasFailure());
    }
    run.finish();
  }
}

std::string name_of_form(const testing::TestParamInfo<ModelForm>& info) {
  std::string name(index_kind_name(info.param.kind));
  name.append("_").append(codec_name(info.param.codec));
  return info.param.nbits == 0 ? name : name.append(std::to_string(info.param.nbits));
}

INSTANTIATE_TEST_SUITE_P(Codecs, StoreModelTest,
                         testing::Values(ModelForm{}, ModelForm{.codec = Codec::float16},
                                         ModelForm{.codec = Codec::int8},
                                         ModelForm{.codec = Codec::residual, .nbits = 4},
                                         ModelForm{IndexKind::plaid, Codec::residual, 4},
                                         ModelForm{IndexKind::plaid, Codec::residual, 1},
                                         ModelForm{IndexKind::plaid, Codec::int8, 4},
                                         ModelForm{IndexKind::plaid, Codec::float16, 1},
                                         ModelForm{IndexKind::hnsw, Codec::int8}),
                         name_of_form);

}  // namespace
}  // namespace maxsimd::store_testing
