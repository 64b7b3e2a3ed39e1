#include "maxsimd/evaluation/beir.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/id_table.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxExamples = 5;

fs::path find_lines(const fs::path& folder, const std::string& name) {
  if (std::optional<fs::path> path = find_json_lines(folder, name)) return std::move(*path);
  throw IoError((folder / name).string() + ".jsonl (or .jsonl.gz): no such file; expected a BEIR " +
                "folder with corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv");
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

void note_unknown(BeirData& data, size_t& count, const std::string& id) {
  ++count;
  if (data.unknown_examples.size() < kMaxExamples) data.unknown_examples.push_back(id);
}

void count_unknown(BeirData& data, const IdTable& documents) {
  IdTable queries;
  for (const std::string& id : data.query_ids) queries.insert(id, 0);
  for (const auto& [query, judgments] : data.qrels) {
    if (!queries.contains(query)) note_unknown(data, data.num_unknown_queries, query);
    for (const auto& [document, grade] : judgments) {
      if (grade > 0 && !documents.contains(document)) {
        note_unknown(data, data.num_unknown_documents, document);
      }
    }
  }
}

}  // namespace

std::optional<fs::path> find_json_lines(const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  for (const char* extension : {".jsonl", ".jsonl.gz"}) {
    fs::path path = folder / (name + extension);
    if (fs::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

std::string folder_name(const fs::path& folder) {
  const fs::path clean = fs::absolute(folder).lexically_normal();
  return (clean.has_filename() ? clean : clean.parent_path()).filename().string();
}

std::vector<std::string> beir_splits(const fs::path& folder) {
  std::vector<std::string> splits;
  std::error_code error;
  fs::directory_iterator entries(folder / "qrels", error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    if (path.extension() == ".tsv") splits.push_back(path.stem().string());
  }
  std::ranges::sort(splits);
  return splits;
}

BeirFolder open_beir(const fs::path& folder, const std::string& split) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw IoError(folder.string() + ": no such folder; expected a BEIR data set");
  }
  BeirFolder found{find_lines(folder, "corpus"), find_lines(folder, "queries"), {}};
  const std::vector<std::string> splits = beir_splits(folder);
  if (std::ranges::find(splits, split) == splits.end()) {
    throw IoError((folder / "qrels" / split).string() + ".tsv: no such split; " +
                  (splits.empty() ? "there are no .tsv files in qrels/"
                                  : "the splits there are: " + joined(splits)));
  }
  found.qrels = folder / "qrels" / (split + ".tsv");
  return found;
}

BeirData read_beir(const BeirFolder& files, const ReadOptions& options, EmptyTexts empty_texts) {
  BeirData data;
  data.qrels = read_qrels(files.qrels);
  const bool drop = empty_texts == EmptyTexts::drop;
  read_queries(files.queries, options, [&](Record& record) {
    if (!data.qrels.contains(record.id) || (drop && record.text.empty())) return;
    data.query_ids.push_back(std::move(record.id));
    data.query_texts.push_back(std::move(record.text));
  });
  if (data.query_ids.empty()) {
    throw FormatError(files.qrels.string() + ": judges no query of " + files.queries.string() +
                      "; do the two belong together?");
  }
  IdTable documents;
  read_documents(files.corpus, options, [&](Record& record) {
    std::string id = record.id;
    std::string text = document_text(std::move(record));
    if (drop && text.empty()) return;
    documents.insert(id, 0);
    data.document_ids.push_back(std::move(id));
    data.document_texts.push_back(std::move(text));
  });
  if (data.document_ids.empty()) throw FormatError(files.corpus.string() + ": no documents in it");
  count_unknown(data, documents);
  return data;
}

BeirData load_beir(const fs::path& folder, const std::string& split, const ReadOptions& options) {
  return read_beir(open_beir(folder, split), options);
}

}  // namespace maxsimd
