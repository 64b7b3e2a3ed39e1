#include "cli/mining_data.h"

#include <unordered_map>
#include <utility>

#include "cli/progress.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/strip.h"
#include "maxsimd/data/documents.h"

namespace maxsimd::cli {
namespace {

using NumberOfId = std::unordered_map<std::string, uint64_t>;

void keep(Corpus& documents, std::string text) {
  documents.ids.push_back(std::to_string(documents.ids.size()));
  documents.texts.push_back(std::move(text));
}

// A folder of a BEIR data set stands for the file with its documents.
std::vector<std::filesystem::path> document_files(std::vector<std::filesystem::path> files) {
  for (std::filesystem::path& file : files) {
    if (!std::filesystem::is_directory(file)) continue;
    for (const char* name : {"corpus.jsonl", "corpus.jsonl.gz"}) {
      if (!std::filesystem::exists(file / name)) continue;
      file /= name;
      break;
    }
  }
  return files;
}

[[noreturn]] void fail_without_documents(const std::vector<std::filesystem::path>& files) {
  std::string names, remedy;
  for (const std::filesystem::path& file : files) {
    names.append(names.empty() ? "" : ", ").append(file.string());
    if (std::filesystem::is_directory(file)) {
      remedy = " (of a folder corpus.jsonl is read, else its .txt and .md files)";
    }
  }
  throw FormatError("--corpus: no documents in " + names + remedy);
}

// Numbers by ids are kept only when positives are given by their ids.
NumberOfId read_documents_into(MiningData& data, const MiningCorpus& corpus) {
  NumberOfId number_of_id;
  ProgressBar bar("reading the corpus", "bytes", kBarDelay);
  ReadOptions options;
  options.progress = bar.callback();
  const auto files = document_files(corpus.files);
  const ReadReport report = read_documents(files, options, [&](Record& record) {
    if (corpus.without_titles) record.title.clear();
    const std::string id = std::move(record.id);
    const std::string short_text(strip_whitespace(record.text));
    std::string text = document_text(std::move(record));
    const MiningPairs::Added added = data.pairs.add_document(text, short_text);
    if (!corpus.positive_ids.empty()) number_of_id.emplace(id, added.number);
    if (added.is_new) keep(data.documents, std::move(text));
  });
  if (report.records == 0) fail_without_documents(files);
  return number_of_id;
}

std::vector<uint64_t> known_positives(const TrainingRows& rows, uint64_t row,
                                      const std::string& column, const NumberOfId& number_of_id) {
  std::vector<uint64_t> numbers;
  if (column.empty()) return numbers;
  for (const std::string& id : rows.ids(row, column)) {
    const auto found = number_of_id.find(id);
    if (found == number_of_id.end()) {
      throw FormatError(rows.where(row) + ": no document of the corpus has the id '" + id + "'");
    }
    numbers.push_back(found->second);
  }
  return numbers;
}

}  // namespace

MiningData read_mining_data(const TrainingRows& rows, const MiningCorpus& corpus) {
  MiningData data;
  const bool answers_are_the_corpus = corpus.files.empty();
  NumberOfId number_of_id;
  if (!answers_are_the_corpus) number_of_id = read_documents_into(data, corpus);
  ProgressBar bar("reading pairs", "pairs", kBarDelay);
  for (uint64_t row = 0; row < rows.size(); ++row) {
    std::vector<std::string> texts = rows.row(row);
    const auto also = known_positives(rows, row, corpus.positive_ids, number_of_id);
    if (data.pairs.add_pair(texts[0], texts[1], answers_are_the_corpus, also).is_new) {
      keep(data.documents, std::move(texts[1]));
    }
    bar.update(row + 1, rows.size());
  }
  return data;
}

}  // namespace maxsimd::cli
