#include "tests/store/store_script.h"

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/residual_coding.h"
#include "tests/store/store_search.h"

namespace maxsimd::store_testing {
namespace {

uint64_t hash_of(const ScriptDocument& document) {
  uint64_t hash = 0xCBF29CE484222325U ^ document.step;  // FNV-1a
  for (const char c : document.id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash ^ hash >> 29;
}

std::string key_of(const std::vector<std::string>& ids) {
  std::string key;
  for (const std::string& id : ids) key.append(id).append(" ");
  return key;
}

std::vector<std::string> ids_of(const std::vector<ScriptDocument>& documents) {
  std::vector<std::string> ids;
  for (const ScriptDocument& document : documents) ids.push_back(document.id);
  return ids;
}

std::string script_id(uint64_t number) {
  return "document-" + std::to_string(number);
}

void append_rows(const ScriptDocument& document, Embeddings& batch) {
  const uint64_t hash = hash_of(document);
  const size_t num_rows = 1 + hash % 4;
  std::vector<float> rows;
  for (size_t r = 0; r < num_rows; ++r) {
    const auto row = static_cast<float>(r);
    const auto digit = [&](size_t unit) { return static_cast<float>(document.step / unit % 100); };
    const auto mark = [&](unsigned bits) { return static_cast<float>((hash >> bits) % 11) - 5.0F; };
    rows.insert(rows.end(), {127.0F, digit(1), digit(100), digit(10000), mark(8), mark(16),
                             mark(24) * row, row});
  }
  batch.append({rows.data(), num_rows, kScriptDim});
}

Embeddings script_query(uint64_t number) {
  Embeddings query;
  query.dim = kScriptDim;
  std::vector<float> rows;
  std::mt19937_64 random(number);
  for (size_t r = 0; r < 3; ++r) {
    rows.push_back(127.0F);
    for (size_t d = 1; d < kScriptDim; ++d) {
      rows.push_back(static_cast<float>(random() % 19) - 9.0F);
    }
  }
  query.append({rows.data(), 3, kScriptDim});
  return query;
}

/// What a snapshot shows of its documents, in the order of adding.
struct Seen {
  std::vector<std::string> ids;
  std::vector<CodedRows> rows;
  std::vector<CodedRows> residuals;  // the rows or beside them, where there is a codebook
  Embeddings vectors;                // that the rows stand for

  explicit Seen(const Index& index) {
    vectors.dim = kScriptDim;
    for (const DocId number : index.documents()) {
      ids.emplace_back(index.id(number));
      rows.push_back(index.rows(number));
      const std::vector<float> values = decode(rows.back(), index.kernels());
      vectors.append({values.data(), rows.back().num_rows(), kScriptDim});
      if (index.codebook()) residuals.push_back(index.residuals(number));
    }
  }
};

using Wanted = std::function<bool(const ScriptDocument&)>;

std::vector<Hit> expected_hits(const Seen& seen, const std::vector<ScriptDocument>& state,
                               const Embeddings& query, const Wanted& wanted) {
  std::vector<Hit> hits;
  for (size_t d = 0; d < state.size(); ++d) {
    if (!wanted(state[d])) continue;
    hits.push_back({state[d].id, maxsim_of(query.matrix(0), seen.vectors.matrix(d))});
  }
  return hits;
}

/// A snapshot and the state it should be.
struct Subject {
  const Index& index;
  const Seen& seen;
  const std::vector<ScriptDocument>& state;
  ThreadPool& pool;
};

std::string check_search(const Subject& subject, const Filter* filter, const Wanted& wanted) {
  const auto& [index, seen, state, pool] = subject;
  const Embeddings query = script_query(index.commit());
  const size_t k = filter == nullptr ? 10 : state.size() + 1;
  return difference(search_index(index, query, k, filter, pool),
                    expected_hits(seen, state, query, wanted), k, tolerance_of(index));
}

std::string check_id_filter(const Subject& subject) {
  const auto& state = subject.state;
  std::vector<std::string> ids = {"not-there"};
  for (size_t d = 0; d < state.size(); d += 3) ids.push_back(state[d].id);
  const std::set<std::string> known(ids.begin(), ids.end());
  const Filter filter = subject.index.filter_ids(ids);
  return check_search(subject, &filter,
                      [&](const auto& document) { return known.contains(document.id); });
}

// What needs the catalog's rows.
std::string check_rows(const Subject& subject, size_t step) {
  const auto& index = subject.index;
  const auto& state = subject.state;
  const size_t middle = step / 2;
  const Filter filter = index.filter_where(
      Where::parse("parity = 'odd' AND step >= " + std::to_string(middle) + " OR step = 1"));
  const std::string problem = check_search(subject, &filter, [&](const auto& document) {
    return (document.step % 2 == 1 && document.step >= middle) || document.step == 1;
  });
  if (!problem.empty()) return "where: " + problem;
  const std::vector<DocId> numbers = index.documents();
  for (size_t d = step % 5; d < numbers.size(); d += 5) {
    const DocumentRecord record = index.record(numbers[d]);
    if (record.id != state[d].id || record.metadata != script_metadata(state[d]) ||
        record.text != script_text(state[d])) {
      return state[d].id + ": metadata or text of another document: " + record.id + " " +
             record.metadata;
    }
  }
  return {};
}

std::string check_counts(const Index& index, const std::vector<ScriptDocument>& state) {
  const uint64_t num_tokens = script_vectors(state).num_tokens();
  if (index.size() == state.size() && index.num_tokens() == num_tokens &&
      index.live().count() == state.size()) {
    return {};
  }
  return "counts: expected " + std::to_string(state.size()) + " documents and " +
         std::to_string(num_tokens) + " tokens, got " + std::to_string(index.size()) + " and " +
         std::to_string(index.num_tokens());
}

// Whether these are the state's vectors as an index stores them: whole, coded by its codebook, or
// both.
bool are_stored_vectors(const Seen& seen, const std::vector<ScriptDocument>& state,
                        ThreadPool& pool) {
  const Embeddings vectors = script_vectors(state);
  const bool is_residual = !seen.rows.empty() && seen.rows.front().codec == Codec::residual;
  if (!is_residual && seen.vectors.values != vectors.values) return false;
  if (seen.residuals.empty()) return !is_residual;
  CodedResiduals coded(*seen.residuals.front().codebook);
  coded.encode({vectors.values.data(), vectors.num_tokens(), kScriptDim}, pool);
  for (size_t d = 0; d < state.size(); ++d) {
    const CodedRows expected =
        coded.rows().slice(static_cast<size_t>(vectors.offsets[d]), vectors.rows(d));
    if (!std::ranges::equal(seen.residuals[d].centroids, expected.centroids) ||
        !std::ranges::equal(seen.residuals[d].codes, expected.codes)) {
      return false;
    }
  }
  return true;
}

}  // namespace

IndexWriterOptions script_writer_options() {
  return {.num_centroids = 4, .fewest_listed_vectors = 4, .graph_memory = 8 << 10};
}

Embeddings script_vectors(const std::vector<ScriptDocument>& documents) {
  Embeddings batch;
  batch.dim = kScriptDim;
  for (const ScriptDocument& document : documents) append_rows(document, batch);
  return batch;
}

std::string script_metadata(const ScriptDocument& document) {
  return std::string("{\"parity\":\"") + (document.step % 2 == 1 ? "odd" : "even") +
         "\",\"step\":" + std::to_string(document.step) + "}";
}

// Up to 3 KB, so that a commit touches many pages of the catalog.
std::string script_text(const ScriptDocument& document) {
  std::string text = document.id + " of step " + std::to_string(document.step) + ":";
  const uint64_t words = hash_of(document) % 300;
  for (uint64_t w = 0; w < words; ++w) text += " word" + std::to_string(w * document.step % 977);
  return text;
}

Script::Script(const ScriptShape& shape, size_t num_steps) : shape_(shape), steps_(1), states_(1) {
  steps_by_ids_[""].push_back(0);
  for (size_t number = 1; number <= num_steps; ++number) {
    steps_.push_back(make_step(number));
    std::vector<ScriptDocument> state = states_.back();
    const auto take_out = [&](const std::string& id) {
      std::erase_if(state, [&](const ScriptDocument& document) { return document.id == id; });
    };
    for (const std::string& id : steps_.back().added) {
      take_out(id);
      state.push_back({id, number});
    }
    for (const std::string& id : steps_.back().removed) take_out(id);
    steps_by_ids_[key_of(ids_of(state))].push_back(number);
    states_.push_back(std::move(state));
  }
}

ScriptStep Script::make_step(size_t number) const {
  std::mt19937_64 random(shape_.seed * 1000003 + number);
  ScriptStep step{.optimize = number % 7 == 3};
  const uint64_t kind = random() % 20;
  step.compact = number > 1 && kind < 2;
  if (step.compact) return step;
  const size_t largest = kind < 4 ? shape_.largest_burst : shape_.largest_batch;
  const bool only_removes = number > 1 && kind >= 17;
  const uint64_t num_added = only_removes ? 0 : 1 + random() % largest;
  const uint64_t num_removed = kind >= 10 ? 1 + random() % 4 : 0;
  for (uint64_t i = 0; i < num_added; ++i) {
    step.added.push_back(script_id(random() % shape_.num_ids));
  }
  for (uint64_t i = 0; i < num_removed; ++i) {
    step.removed.push_back(script_id(random() % shape_.num_ids));
  }
  return step;
}

std::string_view store_kind_name(StoreKind kind) {
  return kind == StoreKind::plaid_beside ? "plaid_beside" : index_kind_name(index_kind(kind));
}

std::optional<StoreKind> store_kind_from_name(std::string_view name) {
  for (const StoreKind kind : kStoreKinds) {
    if (name == store_kind_name(kind)) return kind;
  }
  return std::nullopt;
}

IndexKind index_kind(StoreKind kind) {
  if (kind == StoreKind::hnsw) return IndexKind::hnsw;
  return kind == StoreKind::exact ? IndexKind::exact : IndexKind::plaid;
}

IndexSettings Script::settings() const {
  constexpr Codec kCodecs[] = {Codec::float32, Codec::float16, Codec::int8};
  IndexSettings settings;
  settings.dim = kScriptDim;
  settings.kind = index_kind(shape_.kind);
  if (settings.kind == IndexKind::hnsw) {  // other kinds do not keep them
    settings.m = 3;
    settings.ef_construction = 5;
  }
  settings.codec = shape_.kind == StoreKind::plaid  ? Codec::residual
                   : shape_.kind == StoreKind::hnsw ? Codec::int8
                                                    : kCodecs[shape_.seed % 3];
  settings.nbits = settings.kind == IndexKind::plaid ? size_t{1} << shape_.seed % 3 : 0;
  settings.store_text = true;
  return settings;
}

std::vector<Script> scripts_of_all_kinds(ScriptShape shape, size_t num_steps) {
  std::vector<Script> scripts;
  for (const StoreKind kind : kStoreKinds) {
    shape.kind = kind;
    scripts.emplace_back(shape, num_steps);
  }
  return scripts;
}

void Script::play(size_t number, IndexWriter& writer) const {
  const ScriptStep& step = steps_[number];
  if (!step.added.empty()) {
    std::vector<ScriptDocument> documents;
    std::vector<std::string> metadata, texts;
    for (const std::string& id : step.added) {
      documents.push_back({id, number});
      metadata.push_back(script_metadata(documents.back()));
      texts.push_back(script_text(documents.back()));
    }
    const Embeddings vectors = script_vectors(documents);
    writer.add({step.added, &vectors, metadata, texts});
  }
  writer.remove(step.removed);
  if (step.compact) {
    writer.compact();
  } else if (step.optimize) {
    writer.optimize();
  } else {
    writer.commit();
  }
}

std::span<const size_t> Script::find_steps(const std::vector<std::string>& ids, size_t earliest,
                                           size_t latest) const {
  const auto found = steps_by_ids_.find(key_of(ids));
  if (found == steps_by_ids_.end()) return {};
  const auto& numbers = found->second;
  const auto first = std::lower_bound(numbers.begin(), numbers.end(), earliest);
  const auto end = std::upper_bound(first, numbers.end(), latest);
  return {first, end};
}

Observation observe(const Index& index, const Script& script, size_t earliest, size_t latest,
                    ThreadPool& pool) {
  Observation seen;
  const Seen documents(index);
  const auto steps = script.find_steps(documents.ids, earliest, latest);
  const auto step = std::find_if(steps.begin(), steps.end(), [&](size_t number) {
    return are_stored_vectors(documents, script.state(number), pool);
  });
  if (step == steps.end()) {
    seen.problem = "no state of steps " + std::to_string(earliest) + " to " +
                   std::to_string(latest) + (steps.empty() ? "" : " (though its ids are one's)") +
                   ": " + key_of(documents.ids);
    return seen;
  }
  seen.step = *step;
  const Subject subject = {index, documents, script.state(*step), pool};
  seen.problem = check_counts(index, subject.state);
  if (seen.problem.empty()) {
    seen.problem = check_search(subject, nullptr, [](const auto&) { return true; });
  }
  if (seen.problem.empty()) seen.problem = check_id_filter(subject);
  if (!seen.problem.empty()) return seen;
  try {
    seen.row_problem = check_rows(subject, seen.step);
  } catch (const IoError& error) {
    seen.outdated = index.refresh().commit() >= index.commit() + 2;
    if (!seen.outdated) seen.row_problem = error.what();
  }
  return seen;
}

}  // namespace maxsimd::store_testing
