#include "maxsimd/collection/add_documents.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/colbert/encoding_stream.h"
#include "maxsimd/collection/space_check.h"
#include "maxsimd/data/byte_source.h"

namespace maxsimd {
namespace {

constexpr size_t kPieceValues = size_t{4} << 20;  // 16 MiB of float32

/// Commits when enough changes or enough time have gathered since the last time.
class RegularCommits {
 public:
  RegularCommits(IndexWriter& writer, const AddOptions& options)
      : writer_(writer), options_(options) {}

  void commit_when_due() {
    const bool is_late = Clock::now() - last_ >= options_.commit_interval;
    if (!is_late && writer_.pending_bytes() < options_.commit_bytes) return;
    writer_.commit();
    last_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  IndexWriter& writer_;
  const AddOptions& options_;
  Clock::time_point last_ = Clock::now();
};

IdType id_type(const AddOptions& options) {
  return options.integer_ids ? IdType::integer : IdType::string;
}

// Takes the first `count` of those that wait.
std::vector<std::string> take_first(std::vector<std::string>& waiting, size_t count) {
  const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<std::string> taken(std::make_move_iterator(waiting.begin()),
                                 std::make_move_iterator(end));
  waiting.erase(waiting.begin(), end);
  return taken;
}

/// Encodes documents as they are read, and writes each piece of them while the next is encoded.
class DocumentAdder {
 public:
  DocumentAdder(IndexWriter& writer, const ColBERT& model, const AddOptions& options,
                const CheckedDocuments& checked)
      : writer_(writer),
        options_(options),
        checked_(checked),
        commits_(writer, options),
        stream_(model, TextKind::document, {.encode = {.progress = encode_progress()}},
                [this](const EncodedPiece& piece) { write(piece); }) {}

  void add(Record& record) {
    if (options_.resume && writer_.contains(record.id)) {
      ++report_.passed_over;
      tell();
      return;
    }
    ids_.push_back(std::move(record.id));
    metadata_.push_back(std::move(record.metadata));
    stream_.push(document_text(std::move(record)));
  }

  AddReport finish() {
    stream_.finish();
    writer_.optimize();
    return report_;
  }

 private:
  void write(const EncodedPiece& piece) {
    if (report_.added == 0) check_room(piece);
    const std::vector<std::string> ids = take_first(ids_, piece.texts.size());
    const std::vector<std::string> metadata = take_first(metadata_, piece.texts.size());
    writer_.add({.ids = ids,
                 .embeddings = &piece.embeddings,
                 .metadata = metadata,
                 .texts = writer_.settings().store_text ? std::span<const std::string>(piece.texts)
                                                        : std::span<const std::string>(),
                 .id_type = id_type(options_)});
    report_.added += piece.texts.size();
    commits_.commit_when_due();
  }

  // Of the first piece, which tells about the others.
  void check_room(const EncodedPiece& piece) const {
    DocumentCounts sample{.documents = piece.texts.size(),
                          .vectors = piece.embeddings.num_tokens()};
    for (const std::string& text : piece.texts) sample.text_bytes += text.size();
    check_space(writer_,
                {.documents = checked_.records,
                 .text_bytes = checked_.text_bytes,
                 .vectors = fewest_vectors(sample, checked_.records, checked_.text_bytes)},
                options_);
  }

  std::function<void(size_t, size_t)> encode_progress() {
    if (!options_.progress) return {};
    return [this](size_t encoded, size_t) {
      encoded_ = encoded;
      tell();
    };
  }

  void tell() const {
    if (options_.progress) options_.progress(report_.passed_over + encoded_, checked_.records);
  }

  IndexWriter& writer_;
  const AddOptions& options_;
  const CheckedDocuments& checked_;
  RegularCommits commits_;
  AddReport report_;
  uint64_t encoded_ = 0;
  std::vector<std::string> ids_, metadata_;  // of the documents in the stream
  EncodingStream stream_;
};

// The items the index does not have.
IdentifiedEmbeddings without_present(const IdentifiedEmbeddings& items, const IndexWriter& writer) {
  IdentifiedEmbeddings missing;
  missing.embeddings.dim = items.embeddings.dim;
  for (size_t i = 0; i < items.ids.size(); ++i) {
    if (writer.contains(items.ids[i])) continue;
    missing.ids.push_back(items.ids[i]);
    missing.embeddings.append(items.embeddings.matrix(i));
  }
  return missing;
}

}  // namespace

CheckedDocuments check_documents(std::span<const std::filesystem::path> inputs,
                                 const ReadOptions& read) {
  for (const auto& input : inputs) {
    if (std::filesystem::is_directory(input)) continue;
    check_is_regular_file(input, "it is read twice, first to check it; write it to a file first");
  }
  CheckedDocuments report;
  static_cast<ReadReport&>(report) = read_documents(inputs, read, [&](Record& record) {
    report.text_bytes += record.title.size() + record.text.size();
  });
  if (report.records > 0) return report;
  std::string names;
  for (const auto& input : inputs) names += (names.empty() ? "" : ", ") + input.string();
  throw FormatError(names + ": no documents to index" +
                    (report.skipped == 0
                         ? std::string()
                         : " (" + std::to_string(report.skipped) +
                               " bad ones were skipped, first " + report.problems.front() + ")"));
}

AddReport add_documents(IndexWriter& writer, const ColBERT& model,
                        std::span<const std::filesystem::path> inputs, const ReadOptions& read,
                        const CheckedDocuments& checked, const AddOptions& options) {
  DocumentAdder adder(writer, model, options, checked);
  read_documents(inputs, read, [&](Record& record) { adder.add(record); });
  return adder.finish();
}

AddReport add_embeddings(IndexWriter& writer, EmbeddingsReader& items, const AddOptions& options) {
  // Those that `resume` leaves may be short ones.
  const uint64_t vectors = options.resume ? items.num_tokens() / 2 : items.num_tokens();
  check_space(writer, {.documents = items.size(), .vectors = vectors}, options);
  AddReport report;
  RegularCommits commits(writer, options);
  for (auto piece = items.next(kPieceValues); !piece.ids.empty();
       piece = items.next(kPieceValues)) {
    const size_t read = piece.ids.size();
    if (options.resume) piece = without_present(piece, writer);
    if (!piece.ids.empty()) {
      writer.add({.ids = piece.ids, .embeddings = &piece.embeddings, .id_type = id_type(options)});
    }
    report.added += piece.ids.size();
    report.passed_over += read - piece.ids.size();
    commits.commit_when_due();
    if (options.progress) options.progress(report.added + report.passed_over, items.size());
  }
  writer.optimize();
  return report;
}

}  // namespace maxsimd
