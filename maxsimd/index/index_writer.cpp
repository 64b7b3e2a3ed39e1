#include "maxsimd/index/index_writer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/disk_space.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/batch_check.h"
#include "maxsimd/index/index_writer_impl.h"
#include "maxsimd/index/residual_coding.h"
#include "maxsimd/index/stored_codebook.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// The catalog's share of a document, for the check of disk space: rows, indexes and the journal.
constexpr uint64_t kCatalogBytesPerDocument = 256;

void check_compact_options(const fs::path& folder, const IndexSettings& settings,
                           const CompactOptions& options) {
  const std::string form = "kind " + std::string(index_kind_name(settings.kind)) + " with codec " +
                           std::string(codec_name(settings.codec));
  if (options.retrain && settings.nbits == 0) {
    throw std::invalid_argument(folder.string() + ": retrain: " + form +
                                " has no codebook to train");
  }
  if (!options.encode) return;
  if (!options.retrain) throw std::invalid_argument(folder.string() + ": encode: needs retrain");
  if (settings.codec != Codec::residual) {
    throw std::invalid_argument(folder.string() + ": encode: " + form +
                                " keeps its vectors beside the codes; retrain without it");
  }
}

}  // namespace

SegmentForm IndexWriter::Impl::open_form() const {
  const auto opened = segment_form(folder, settings, codebook_record, options.isa);
  if (opened) return *opened;
  throw FormatError(codebook_path(folder, codebook_record->number).string() +
                    ": is missing, but the catalog names it; restore the folder as a whole");
}

std::shared_ptr<const Segment> IndexWriter::Impl::open_segment(uint64_t number) const {
  auto segment = Segment::open_if_exists(segment_folder(number), form);
  if (!segment) {
    throw FormatError(segment_folder(number).string() +
                      ": is missing, but the catalog names it; restore the folder as a whole");
  }
  return std::make_shared<const Segment>(std::move(*segment));
}

void IndexWriter::Impl::set_part(const SegmentRecord& record) {
  Part& part = parts[record.number];
  if (!part.segment) part.segment = open_segment(record.number);
  if (part.segment->size() != record.live.size() ||
      part.segment->header_checksum() != record.header_checksum) {
    throw FormatError(segment_folder(record.number).string() +
                      ": is not the segment that the catalog knows under this number; restore the "
                      "folder as a whole");
  }
  part.record = record;
  part.num_live_vectors = 0;
  const auto offsets = part.segment->row_offsets();
  for (size_t slot = 0; slot < record.live.size(); ++slot) {
    if (record.live.contains(slot)) part.num_live_vectors += offsets[slot + 1] - offsets[slot];
  }
}

// Removes what killed writers left: segments and codebooks that no commit knows, and half-written
// ones.
void IndexWriter::Impl::sweep() {
  if (fs::is_symlink(fs::symlink_status(segments_folder()))) {
    throw IoError(segments_folder().string() +
                  ": is a symbolic link; an index keeps its segments in its own folder");
  }
  if (!fs::exists(segments_folder())) {  // empty, it is lost where empty folders are not kept
    std::error_code error;
    fs::create_directory(segments_folder(), error);
    if (error) {
      throw IoError(segments_folder().string() + ": cannot create folder: " + error.message());
    }
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(segments_folder())) {
    sweep(entry, segment_number(entry.path().filename().string()), is_own_segment(entry));
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (!is_own_codebook(entry)) continue;
    sweep(entry, codebook_number(entry.path().filename().string()), true);
  }
}

void IndexWriter::Impl::sweep(const fs::directory_entry& entry, std::optional<uint64_t> number,
                              bool is_own) {
  const bool is_known =
      number &&
      (parts.contains(*number) || (codebook_record && codebook_record->number == *number) ||
       std::find(dropped_before.begin(), dropped_before.end(), *number) != dropped_before.end());
  if (is_known) return;
  // What is not ours stays. What cannot be removed hurts nobody, its number being left out; the
  // next writer tries again.
  std::error_code ignored;
  if (is_own) fs::remove_all(entry.path(), ignored);
  if (number && fs::exists(entry.path(), ignored)) {
    next_segment = std::max(next_segment, *number + 1);
  }
}

std::unique_ptr<SegmentWriter> IndexWriter::Impl::new_segment() {
  const bool has_lists = settings.kind == IndexKind::plaid;
  return std::make_unique<SegmentWriter>(segments_folder(), next_segment++, form, kernels(),
                                         has_lists ? options.fewest_listed_vectors : kNoLists);
}

DocumentRecord IndexWriter::Impl::new_document(const DocumentBatch& batch, size_t item) {
  DocumentRecord document{.sequence = next_sequence++, .id = batch.ids[item]};
  if (!batch.metadata.empty()) document.metadata = stored_metadata(batch.metadata[item]);
  if (settings.store_text && !batch.texts.empty()) document.text = batch.texts[item];
  return document;
}

void IndexWriter::Impl::add(const DocumentBatch& batch) {
  // Until there is a codebook, vectors are stored as they wait for it, without codes.
  const size_t vector_bytes =
      form.codebook ? bytes_per_vector(settings) : bytes_per_vector(form.codec, settings.dim);
  const uint64_t needed = batch.embeddings->num_tokens() * vector_bytes +
                          batch.ids.size() * kCatalogBytesPerDocument + pending->size_bytes() / 8;
  check_disk_space(folder, needed, folder.string());
  if (pending->segment() == nullptr) pending->start_segment(new_segment());
  id_type = batch.id_type;
  if (form.codec == Codec::residual) return add_residuals(batch);
  for (size_t i = 0; i < batch.ids.size(); ++i) {
    pending->add(new_document(batch, i), batch.embeddings->matrix(i));
  }
}

void IndexWriter::Impl::add_residuals(const DocumentBatch& batch) {
  const Embeddings& embeddings = *batch.embeddings;
  const MatrixView<const float> all = {embeddings.values.data(), embeddings.num_tokens(),
                                       settings.dim};
  CodedResiduals coded(form.codebook->codebook);
  pending_error += coded.encode(all, pool());
  pending_added += all.rows;
  for (size_t i = 0; i < batch.ids.size(); ++i) {
    pending->add(
        new_document(batch, i),
        coded.rows().slice(static_cast<size_t>(embeddings.offsets[i]), embeddings.rows(i)));
  }
}

CatalogChange IndexWriter::Impl::new_change() const {
  return {.old_commit = commit_number,
          .next_sequence = next_sequence,
          .next_segment = next_segment,
          .id_type = id_type,
          .codebook = codebook_record};
}

// Takes the change's removed documents out of their segments' bitmaps.
void IndexWriter::Impl::mark_removed(CatalogChange& change) {
  std::map<uint64_t, SegmentRecord> changed;
  for (const DocId document : change.removed) {
    const auto holder = std::find_if(parts.begin(), parts.end(), [&](const auto& entry) {
      const auto slot = entry.second.segment->find(document);
      return slot && entry.second.record.live.contains(*slot);
    });
    if (holder == parts.end()) {
      throw FormatError(folder.string() + ": document number " + std::to_string(document) +
                        " is live in the catalog and in no segment; run maxsimd verify");
    }
    const Part& part = holder->second;
    const auto record = changed.try_emplace(holder->first, part.record).first;
    record->second.live.remove(*part.segment->find(document));
  }
  for (auto& [number, record] : changed) {
    if (record.live.count() == 0) {
      change.dropped.push_back(number);
    } else {
      change.segments.push_back(std::move(record));
    }
  }
}

void IndexWriter::Impl::apply(CatalogChange change) {
  for (SegmentRecord& record : change.segments) {
    if (parts.contains(record.number)) continue;
    Part& part = parts[record.number];
    part.segment = open_segment(record.number);
    record.header_checksum = part.segment->header_checksum();
  }
  catalog.apply(change);
  ++commit_number;
  without_text.reset();
  for (const SegmentRecord& record : change.segments) set_part(record);
  for (const uint64_t number : change.dropped) parts.erase(number);
  for (const uint64_t number : dropped_before) {
    // These rows have no checksum: a damaged one must not cost a segment that lives.
    if (parts.contains(number)) continue;
    std::error_code ignored;  // swept by the next writer
    fs::remove_all(segment_folder(number), ignored);
    if (!codebook_record || codebook_record->number != number) {
      fs::remove_all(codebook_path(folder, number), ignored);
    }
  }
  dropped_before = std::move(change.dropped);
}

void IndexWriter::Impl::commit() {
  if (pending->empty()) return;
  if (SegmentWriter* segment = pending->segment(); segment && segment->has_residuals_beside()) {
    pending_error += segment->code_residuals(pool());
    pending_added += segment->num_vectors();
  }
  if (codebook_record) {
    codebook_record->num_added += std::exchange(pending_added, 0);
    codebook_record->added_error += std::exchange(pending_error, 0.0);
  }
  CatalogChange change = new_change();
  const bool has_segment = pending->finish(change);
  if (has_segment || !change.removed.empty()) {
    mark_removed(change);
    apply(std::move(change));
  }
  pending = std::make_unique<PendingChanges>(finder());
  merge();
}

IndexWriter::IndexWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexWriter::IndexWriter(IndexWriter&&) noexcept = default;
IndexWriter& IndexWriter::operator=(IndexWriter&&) noexcept = default;
IndexWriter::~IndexWriter() = default;

IndexWriter IndexWriter::create(const fs::path& folder, const IndexSettings& settings,
                                const IndexWriterOptions& options) {
  remove_unfinished_indexes(folder);
  AtomicFolderWriter fresh(folder);
  write_index_settings(fresh.path(), settings);
  Catalog::create(fresh.path() / kCatalogName);
  fresh.make_folder(kSegmentsName);
  // Taken before it has its name (the lock goes with the file): nobody can write to it earlier.
  WriterLock lock(fresh.path(), 0);
  fresh.commit();
  return IndexWriter(std::make_unique<Impl>(folder, options, std::move(lock)));
}

IndexWriter IndexWriter::open(const fs::path& folder, const IndexWriterOptions& options) {
  (void)read_index_settings(folder);  // what is no index is told as such
  return IndexWriter(
      std::make_unique<Impl>(folder, options, WriterLock(folder, options.lock_timeout_ms)));
}

const IndexSettings& IndexWriter::settings() const {
  return impl_->settings;
}

std::optional<IdType> IndexWriter::id_type() const {
  return impl_->id_type;
}

void IndexWriter::add(const DocumentBatch& batch) {
  impl_->check_usable();
  check_batch(batch, impl_->settings);
  if (batch.ids.empty()) return;
  if (impl_->id_type && *impl_->id_type != batch.id_type) {
    const bool is_integer = *impl_->id_type == IdType::integer;
    throw std::invalid_argument(impl_->folder.string() + ": its ids are " +
                                (is_integer ? "integers" : "strings") + ", got " +
                                (is_integer ? "strings" : "integers") + " (document \"" +
                                batch.ids[0] + "\"); an index has one type of id");
  }
  impl_->guarded([&] { impl_->add(batch); });
}

std::vector<std::string> IndexWriter::remove(std::span<const std::string> ids) {
  return impl_->guarded([&] {
    std::vector<std::string> unknown;
    for (const std::string& id : ids) {
      if (!impl_->pending->remove(id)) unknown.push_back(id);
    }
    return unknown;
  });
}

bool IndexWriter::contains(std::string_view id) const {
  impl_->check_usable();
  return impl_->pending->contains(id);
}

uint64_t IndexWriter::num_without_text() const {
  impl_->check_usable();
  return impl_->num_without_text();
}

uint64_t IndexWriter::pending_bytes() const {
  return impl_->pending->size_bytes();
}

void IndexWriter::commit() {
  impl_->guarded([&] { impl_->commit(); });
}

void IndexWriter::optimize() {
  impl_->guarded([&] { impl_->optimize(); });
}

CompactReport IndexWriter::compact(const CompactOptions& options) {
  check_compact_options(impl_->folder, impl_->settings, options);
  if (options.encode) {
    commit();
    impl_->check_all_have_texts();
  }
  return impl_->guarded([&] { return impl_->compact(options); });
}

Index IndexWriter::snapshot() const {
  return Index::open(impl_->folder, {.isa = impl_->options.isa});
}

}  // namespace maxsimd
