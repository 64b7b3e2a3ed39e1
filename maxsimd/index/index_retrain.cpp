// A new codebook, and all vectors coded by it: those that are stored, or those of the texts.
#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/index/index_writer_impl.h"
#include "maxsimd/index/stored_codebook.h"
#include "maxsimd/index/validation.h"

namespace maxsimd {
namespace {

// Texts encoded in one call: about 90,000 tokens at one in 3 bytes, but enough of them for each
// thread.
constexpr size_t kBatchTexts = 512, kBatchTextsAThread = 32;
constexpr size_t kBatchBytes = size_t{256} << 10, kBatchBytesAThread = size_t{16} << 10;

// Documents read from the catalog at once: few, since a text may be long.
constexpr size_t kReadDocuments = 64;

/// Documents whose texts are encoded together.
struct TextBatch {
  std::vector<DocId> sequences;
  std::vector<std::string> ids, texts;
  size_t num_bytes = 0;  // of the texts

  void add(DocumentRecord record) {
    sequences.push_back(record.sequence);
    ids.push_back(std::move(record.id));
    num_bytes += record.text.size();
    texts.push_back(std::move(record.text));
  }
};

std::vector<MergeInput> all_of(const std::vector<std::vector<MergeInput>>& groups) {
  std::vector<MergeInput> inputs;
  for (const auto& group : groups) inputs.insert(inputs.end(), group.begin(), group.end());
  return inputs;
}

/// Calls with the records of the live documents of the inputs, in the order of their numbers.
template <class Call>
void for_each_record(std::span<const MergeInput> inputs, const Catalog& catalog,
                     const std::filesystem::path& folder, const Call& call) {
  std::vector<DocId> documents;
  std::vector<std::string> ids;
  const auto read = [&] {
    auto records = catalog.read_records(documents);
    for (size_t i = 0; i < documents.size(); ++i) {
      if (!records || (*records)[i].id != ids[i]) {
        throw FormatError(folder.string() + ": of the documents number " +
                          std::to_string(documents.front()) + " to " +
                          std::to_string(documents.back()) +
                          " the catalog lacks one or has another; run maxsimd verify");
      }
      call(std::move((*records)[i]));
    }
    documents.clear();
    ids.clear();
  };
  for_each_document(inputs, [&](DocId document, std::string_view id) {
    documents.push_back(document);
    ids.emplace_back(id);
    if (documents.size() == kReadDocuments) read();
  });
  read();
}

// What an encoder gave, which is somebody else's.
void check_encoded(const Embeddings& encoded, const TextBatch& batch, size_t dim) {
  if (encoded.size() != batch.texts.size()) {
    throw std::invalid_argument("encode: expected one item a text (" +
                                std::to_string(batch.texts.size()) + "), got " +
                                std::to_string(encoded.size()));
  }
  check_embeddings(encoded, dim, {"document", batch.ids}, largest_value(Codec::float16));
}

}  // namespace

void IndexWriter::Impl::train(const TextEncoder& encode) {
  if (!encode) return train_on(stored_groups());
  check_space_to_encode();
  WaitingSegments fresh(folder, settings.dim, kernels(), next_segment);
  encode_texts(encode, fresh);
  if (fresh.num_vectors() == 0) {
    throw std::invalid_argument(folder.string() +
                                ": encode: expected token vectors, got none for any text");
  }
  train_on(fresh.groups());
}

// The next commit after this one, which changes nothing, gives the space of the old files back.
void IndexWriter::Impl::train_on(const Groups& groups) {
  uint64_t done = 0, total = 0;
  for (const auto& group : groups) total += count_live_vectors(group);
  const auto progress = [&](uint64_t num_vectors) {
    done += num_vectors;
    if (options.recode_progress) options.recode_progress(done, total);
  };
  progress(0);
  const Codebook trained = trained_codebook(groups, progress);
  check_disk_space(folder, bytes_to_recode(total, trained.num_centroids()),
                   folder.string() +
                       ": coding the vectors by centroids and residuals (all is "
                       "committed; 'maxsimd compact' does this, too)");
  std::vector<uint64_t> replaced;
  for (const auto& [number, part] : parts) replaced.push_back(number);
  if (codebook_record) replaced.push_back(codebook_record->number);
  use_codebook(trained);
  std::vector<SegmentRecord> recoded;
  for (const auto& group : groups) {
    const auto segment = new_segment();
    if (segment->has_residuals_beside()) {
      merge_segments(group, [&]() -> SegmentWriter& { return *segment; });
      segment->code_residuals(pool(), progress);
    } else {
      recode_segments(group, pool(), *segment, progress);
    }
    finish(*segment, recoded);
  }
  replace(std::move(replaced), std::move(recoded));
  apply(new_change());
}

Codebook IndexWriter::Impl::trained_codebook(const Groups& groups, const RecodeProgress& progress) {
  std::mutex telling;
  const auto check = [&] {
    const std::lock_guard lock(telling);
    progress(0);
  };
  return train_codebook(all_of(groups),
                        {.nbits = settings.nbits,
                         .num_centroids = options.num_centroids,
                         .seed = options.seed,
                         .isa = options.isa,
                         .check = check},
                        kernels(), pool());
}

// Of all segments written from now on. What is used is what was written.
void IndexWriter::Impl::use_codebook(const Codebook& codebook) {
  const uint64_t number = next_segment++;
  write_codebook(folder, number, codebook);
  const auto stored = open_codebook_if_exists(folder, number, settings, options.isa);
  if (!stored) throw IoError(codebook_path(folder, number).string() + ": is gone again");
  codebook_record = {.number = number, .header_checksum = stored->header_checksum};
  form = {settings.codec, settings.dim, stored};
}

// In the order of their numbers: tables of bounded size in memory.
IndexWriter::Impl::Groups IndexWriter::Impl::stored_groups() const {
  Groups groups;
  uint64_t num_vectors = 0;  // of the last group
  for (const auto& [number, part] : parts) {
    num_vectors += part.num_live_vectors;
    if (groups.empty() || num_vectors > kMostRecodedVectors) {
      groups.emplace_back();
      num_vectors = part.num_live_vectors;
    }
    groups.back().push_back({part.segment.get(), &part.record.live});
  }
  return groups;
}

void IndexWriter::Impl::encode_texts(const TextEncoder& encode, WaitingSegments& out) {
  const size_t most_texts = std::max(kBatchTexts, kBatchTextsAThread * pool().num_threads());
  const size_t most_bytes = std::max(kBatchBytes, kBatchBytesAThread * pool().num_threads());
  const size_t vector_bytes = bytes_per_vector(Codec::float16, settings.dim);
  TextBatch batch;
  const auto flush = [&] {
    const Embeddings encoded = encode(batch.texts);
    check_encoded(encoded, batch, settings.dim);
    check_disk_space(folder, encoded.num_tokens() * vector_bytes, folder.string());
    for (size_t i = 0; i < batch.ids.size(); ++i) {
      out.add(batch.sequences[i], batch.ids[i], encoded.matrix(i));
    }
    batch = {};
  };
  for_each_record(all_of(stored_groups()), catalog, folder, [&](DocumentRecord record) {
    batch.add(std::move(record));
    if (batch.texts.size() >= most_texts || batch.num_bytes >= most_bytes) flush();
  });
  if (!batch.texts.empty()) flush();
  out.finish();
}

uint64_t IndexWriter::Impl::num_without_text() {
  if (!without_text) without_text = catalog.num_without_text();
  return *without_text;
}

void IndexWriter::Impl::check_all_have_texts() {
  const uint64_t missing = num_without_text();
  if (missing == 0) return;
  throw std::invalid_argument(folder.string() + ": encode: expected a stored text of each of the " +
                              std::to_string(num_live_documents()) + " documents, " +
                              std::to_string(missing) +
                              " have none; retrain without it, on what is stored of the vectors");
}

// Of the segments as they are: all but the vectors.
uint64_t IndexWriter::Impl::bytes_of_tables() const {
  const uint64_t stride = form.stride();
  uint64_t total = 0;
  for (const auto& [number, part] : parts) {
    total += part.segment->size_bytes() - part.segment->num_vectors() * stride;
  }
  return total;
}

uint64_t IndexWriter::Impl::bytes_to_recode(uint64_t num_vectors, size_t num_centroids) const {
  return kSpareBytes + num_centroids * settings.dim * sizeof(float) +
         (num_centroids + 1) * sizeof(uint64_t) * parts.size() + bytes_of_tables() +
         num_vectors * (bytes_per_vector(settings) + sizeof(uint32_t));
}

// As many vectors as there are now: encoded, and beside these coded.
void IndexWriter::Impl::check_space_to_encode() const {
  const uint64_t num_vectors = num_live_vectors();
  const size_t num_centroids =
      options.num_centroids != 0 ? options.num_centroids : default_num_centroids(num_vectors);
  check_disk_space(folder,
                   num_vectors * bytes_per_vector(Codec::float16, settings.dim) +
                       bytes_of_tables() + bytes_to_recode(num_vectors, num_centroids),
                   folder.string() +
                       ": encoding the texts anew (all is committed; trained on what is stored of "
                       "the vectors, centroids need less)");
}

}  // namespace maxsimd
