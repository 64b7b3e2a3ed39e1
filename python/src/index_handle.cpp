#include "python/src/index_handle.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/collection/index_place.h"
#include "maxsimd/collection/new_index.h"
#include "maxsimd/collection/retraining.h"
#include "maxsimd/index/writer_lock.h"
#include "python/src/thread_pools.h"

namespace maxsimd::python {

namespace nb = nanobind;

namespace {

/// Vectors that a search would have to scan because they are not coded or linked yet.
uint64_t num_waiting(const Index& index) {
  if (index.settings().kind == IndexKind::exact) return 0;
  uint64_t waiting = 0;
  for (const IndexPart& part : index.parts()) {
    const bool is_ready = index.settings().kind == IndexKind::plaid ? part.codebook != nullptr
                                                                    : part.graph != nullptr;
    if (!is_ready) waiting += part.documents.row_offsets.back();
  }
  return waiting;
}

// How often a call that waits looks whether it is still wanted.
constexpr unsigned kTurnMs = 100;

using ChangesLock = std::unique_lock<std::timed_mutex>;

/// Waits for the changes of other threads as long as the call is wanted.
ChangesLock lock_changes(std::timed_mutex& changes, const Watch& watch) {
  ChangesLock lock(changes, std::defer_lock);
  while (!lock.try_lock_for(std::chrono::milliseconds(kTurnMs))) watch.check();
  return lock;
}

/// Waits for other processes that write, as long as the call is wanted. Returns how long to wait
/// for the lock from now on: not at all when all the time is gone.
unsigned wait_for_writers(const std::filesystem::path& folder, unsigned timeout_ms,
                          const Watch& watch) {
  using Clock = std::chrono::steady_clock;
  if (!is_index(folder)) return timeout_ms;
  for (unsigned waited = 0; waited + kTurnMs <= timeout_ms; waited += kTurnMs) {
    const auto turn_ends = Clock::now() + std::chrono::milliseconds(kTurnMs);
    try {
      const WriterLock lock(folder, kTurnMs);
      return timeout_ms - waited;
    } catch (const IoError&) {
      if (Clock::now() < turn_ends) throw;  // it is not that the lock is taken
      watch.check();
    }
  }
  return 0;
}

// Of the stored texts, all of which the model is to encode.
TextEncoder checked_encoder(const std::filesystem::path& folder, const IndexWriter& writer,
                            std::shared_ptr<const ColBERT> model, Watch& watch) {
  if (const auto vectors = vectors_to_train_on(writer)) {
    refuse_unused_model(folder, "model", *vectors);
  }
  return text_encoder(folder, writer, std::move(model),
                      "none, and centroids are trained on what is stored of the vectors",
                      [&watch](size_t done, size_t total) { watch.update(done, total); });
}

// Fewer are scanned, as quickly; and an index that grows is not made ready for every few documents.
bool is_worth_a_rewrite(const Index& index) {
  const uint64_t waiting = num_waiting(index);
  return waiting >= kFewestListedVectors && waiting * 10 >= index.num_tokens();
}

}  // namespace

void remove_index_folder(const std::filesystem::path& folder, unsigned lock_timeout_ms) {
  check_index_can_be_replaced(folder);
  if (!is_index(folder)) return;
  const WriterLock others(folder, lock_timeout_ms);
  sweep_place_beside(folder, 0);
  // Moved away whole first: nobody finds half an index.
  std::filesystem::rename(folder, place_beside(folder));
  remove_index_if_possible(place_beside(folder));
}

IndexHandle::IndexHandle(std::filesystem::path folder, IndexHandleOptions options)
    : folder_(std::move(folder)), options_(std::move(options)), state_([this] { return open(); }) {
  state_.get();
}

std::shared_ptr<ThreadPool> IndexHandle::pool() const {
  return thread_pool(options_.num_threads);
}

// The last commit becomes the snapshot.
void IndexHandle::load(State& state) const {
  std::optional<Index> index;
  std::optional<TunedSearch> tuned;
  if (is_index(folder_)) {
    Index found = Index::open(folder_);
    if (found.commit() != 0) {
      check(found.settings());
      tuned = read_tuned_search(folder_);
      index.emplace(std::move(found));
    }
  }
  const std::lock_guard lock(state.mutex);
  state.index = std::move(index);
  state.retriever = nullptr;
  state.tuned = tuned;
}

std::shared_ptr<IndexHandle::State> IndexHandle::open() const {
  auto state = std::make_shared<State>();
  load(*state);
  if (!state->index) check_index_can_be_replaced(folder_);
  return state;
}

void IndexHandle::check(const IndexSettings& stored) const {
  const IndexSettings& asked = options_.settings;
  if (stored.kind != asked.kind) {
    throw std::invalid_argument(folder_.string() + ": the index there is of kind " +
                                std::string(index_kind_name(stored.kind)) + ", asked was " +
                                std::string(index_kind_name(asked.kind)) +
                                "; choose another index_name, or override=True to replace it");
  }
  if (asked.dim != 0 && stored.dim != asked.dim) {
    throw std::invalid_argument(folder_.string() + ": the index there has vectors of dim " +
                                std::to_string(stored.dim) +
                                ", asked was embedding_size=" + std::to_string(asked.dim) +
                                "; leave embedding_size out, or override=True to replace it");
  }
}

std::optional<Index> IndexHandle::index() {
  const std::shared_ptr<State> state = state_.get();
  const std::lock_guard lock(state->mutex);
  return state->index;
}

std::optional<TunedSearch> IndexHandle::tuned() {
  const std::shared_ptr<State> state = state_.get();
  const std::lock_guard lock(state->mutex);
  return state->tuned;
}

std::shared_ptr<const Retriever> IndexHandle::retriever() {
  const std::shared_ptr<State> state = state_.get();
  const std::optional<Index> found = index();
  if (!found) return nullptr;
  if (std::exchange(state->may_wait, false) && is_worth_a_rewrite(*found)) {
    try {
      rewrite(
          *state, 0, [](IndexWriter& writer, Watch&) { writer.optimize(); }, nb::none());
    } catch (const IoError&) {
      // Another process writes, or the folder is read-only: what waits is scanned.
    } catch (...) {
      state->may_wait = true;
      throw;
    }
  }
  const std::lock_guard lock(state->mutex);
  if (!state->retriever && state->index) {
    state->retriever = std::make_shared<const Retriever>(*state->index);
  }
  return state->retriever;
}

IndexWriterOptions IndexHandle::writer_options(ThreadPool& pool, Watch* watch) const {
  IndexWriterOptions options{
      .lock_timeout_ms = options_.lock_timeout_ms, .pool = &pool, .seed = options_.seed};
  if (watch != nullptr) {
    options.recode_progress = [watch](uint64_t done, uint64_t total) {
      watch->update(done, total);
    };
    options.graph_progress = options.recode_progress;
  }
  return options;
}

void IndexHandle::commit_batch(const DocumentBatch& batch, const IndexWriterOptions& options,
                               const Watch& watch) const {
  const auto add_to = [&](IndexWriter& writer) {
    check(writer.settings());
    writer.add(batch);
    watch.check();
    writer.commit();
  };
  if (is_index(folder_) && !remove_uncommitted_index(folder_, options.lock_timeout_ms)) {
    IndexWriter writer = IndexWriter::open(folder_, options);
    return add_to(writer);
  }
  IndexSettings settings = options_.settings;
  if (settings.dim == 0) settings.dim = batch.embeddings->dim;
  std::filesystem::create_directories(folder_.parent_path());
  NewIndex made(folder_, settings, options);
  add_to(made.writer());
}

void IndexHandle::add(const std::vector<std::string>& ids, const Embeddings& embeddings,
                      IdType id_type) {
  const std::shared_ptr<State> state = state_.get();
  const std::shared_ptr<ThreadPool> threads = pool();
  run_interruptibly([&](Watch& watch) {
    const ChangesLock lock = lock_changes(state->changes, watch);
    IndexWriterOptions options = writer_options(*threads, &watch);
    options.lock_timeout_ms = wait_for_writers(folder_, options.lock_timeout_ms, watch);
    commit_batch({.ids = ids, .embeddings = &embeddings, .id_type = id_type}, options, watch);
    load(*state);
  });
  state->may_wait = true;
}

void IndexHandle::rewrite(State& state, unsigned lock_timeout_ms,
                          const std::function<void(IndexWriter&, Watch&)>& work,
                          nb::handle progress) {
  const std::shared_ptr<ThreadPool> threads = pool();
  run_interruptibly(
      [&](Watch& watch) {
        const ChangesLock lock = lock_changes(state.changes, watch);
        IndexWriterOptions options = writer_options(*threads, &watch);
        options.lock_timeout_ms = wait_for_writers(folder_, lock_timeout_ms, watch);
        {
          IndexWriter writer = IndexWriter::open(folder_, options);
          work(writer, watch);
        }
        load(state);
      },
      progress);
}

void IndexHandle::optimize(nb::handle progress) {
  if (!index()) return;
  rewrite(
      *state_.get(), options_.lock_timeout_ms,
      [](IndexWriter& writer, Watch&) { writer.optimize(); }, progress);
}

CompactReport IndexHandle::compact(bool retrain, std::shared_ptr<const ColBERT> model) {
  CompactReport report;
  if (!index()) return report;
  rewrite(
      *state_.get(), options_.lock_timeout_ms,
      [&](IndexWriter& writer, Watch& watch) {
        CompactOptions options{.retrain = retrain};
        if (model && writer.snapshot().codebook()) {
          options.encode = checked_encoder(folder_, writer, std::move(model), watch);
        }
        report = writer.compact(options);
      },
      nb::none());
  return report;
}

std::vector<std::string> IndexHandle::remove(const std::vector<std::string>& ids, IdType id_type,
                                             bool all_or_none) {
  if (!index()) return ids;
  std::vector<std::string> unknown = ids;
  rewrite(
      *state_.get(), options_.lock_timeout_ms,
      [&](IndexWriter& writer, Watch&) {
        if (writer.id_type() != id_type) return;
        unknown = writer.remove(ids);
        if (unknown.empty() || !all_or_none) writer.commit();
      },
      nb::none());
  return unknown;
}

void IndexHandle::refresh() {
  const std::shared_ptr<State> state = state_.get();
  {
    const nb::gil_scoped_release released;
    load(*state);
  }
  state->may_wait = true;
}

}  // namespace maxsimd::python
