#include "maxsimd/evaluation/nano_beir.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// DATASET_NAME_TO_HUMAN_READABLE of sentence-transformers, in its order.
constexpr std::array<std::string_view, 13> kKnownSets = {
    "ClimateFEVER", "DBPedia",        "FEVER",   "FiQA2018", "HotpotQA", "MSMARCO",   "NFCorpus",
    "NQ",           "QuoraRetrieval", "SCIDOCS", "ArguAna",  "SciFact",  "Touche2020"};

constexpr const char* kLayouts =
    "; expected NanoBEIR: SET/corpus.jsonl, SET/queries.jsonl and SET/qrels.jsonl (or "
    "SET/qrels/SPLIT.tsv) for each set, or corpus/SET.jsonl, queries/SET.jsonl and "
    "qrels/SET.jsonl. Parquet files of the hub are exported by Python: "
    "datasets.load_dataset(...).to_json(FILE)";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// The place of a set among PyLate's, or their number.
size_t known_place(std::string_view dataset) {
  std::string name = lower(dataset);
  if (name.starts_with("nano")) name.erase(0, std::string_view("nano").size());
  const auto* found = std::ranges::find_if(
      kKnownSets, [&](std::string_view known) { return lower(known) == name; });
  return static_cast<size_t>(found - kKnownSets.begin());
}

NanoBeirSet named_set(const std::string& dataset, BeirFolder files) {
  const size_t place = known_place(dataset);
  if (place == kKnownSets.size()) return {dataset, dataset, std::move(files)};
  const std::string known(kKnownSets[place]);
  return {lower(known), "Nano" + known, std::move(files)};
}

fs::path need_json_lines(const fs::path& folder, const std::string& name) {
  if (std::optional<fs::path> path = find_json_lines(folder, name)) return std::move(*path);
  throw IoError((folder / name).string() + ".jsonl (or .jsonl.gz): no such file" + kLayouts);
}

std::vector<fs::path> visible_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (!entries->path().filename().string().starts_with(".")) paths.push_back(entries->path());
  }
  if (error) throw IoError(folder.string() + ": " + error.message() + kLayouts);
  std::ranges::sort(paths);
  return paths;
}

// "SciFact" of SciFact.jsonl and SciFact.jsonl.gz; nothing for another file.
std::optional<std::string> json_lines_stem(const fs::path& path) {
  const std::string name = path.filename().string();
  for (const std::string_view end : {".jsonl", ".jsonl.gz"}) {
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  }
  return std::nullopt;
}

// qrels.jsonl beside the corpus, or the only file of qrels/.
fs::path find_qrels(const fs::path& set) {
  if (std::optional<fs::path> path = find_json_lines(set, "qrels")) return std::move(*path);
  std::error_code ignored;
  std::vector<fs::path> found;
  if (fs::is_directory(set / "qrels", ignored)) {
    for (fs::path& path : visible_entries(set / "qrels")) {
      if (path.extension() == ".tsv" || json_lines_stem(path)) found.push_back(std::move(path));
    }
  }
  if (found.size() == 1) return std::move(found[0]);
  if (found.empty()) {
    throw IoError((set / "qrels").string() + ": neither qrels.jsonl nor qrels/SPLIT.tsv" +
                  kLayouts);
  }
  throw FormatError((set / "qrels").string() + ": " + std::to_string(found.size()) +
                    " splits; expected one: leave the one to evaluate on");
}

std::vector<NanoBeirSet> sets_by_folder(const fs::path& folder) {
  std::vector<NanoBeirSet> sets;
  std::error_code ignored;
  for (const fs::path& path : visible_entries(folder)) {
    if (!fs::is_directory(path, ignored)) continue;
    sets.push_back(named_set(
        path.filename().string(),
        {need_json_lines(path, "corpus"), need_json_lines(path, "queries"), find_qrels(path)}));
  }
  return sets;
}

std::vector<NanoBeirSet> sets_by_subset(const fs::path& folder) {
  std::vector<NanoBeirSet> sets;
  for (const fs::path& path : visible_entries(folder / "corpus")) {
    const std::optional<std::string> dataset = json_lines_stem(path);
    if (!dataset) continue;
    sets.push_back(named_set(*dataset, {path, need_json_lines(folder / "queries", *dataset),
                                        need_json_lines(folder / "qrels", *dataset)}));
  }
  return sets;
}

void check_no_set_twice(const std::vector<NanoBeirSet>& sets) {
  for (size_t i = 1; i < sets.size(); ++i) {
    if (sets[i].name != sets[i - 1].name) continue;
    throw FormatError(sets[i].files.corpus.string() + ": the data set " + sets[i].name +
                      " is there twice, also as " + sets[i - 1].files.corpus.string());
  }
}

}  // namespace

std::vector<NanoBeirSet> find_nano_beir(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw IoError(folder.string() + ": no such folder" + kLayouts);
  }
  if (find_json_lines(folder, "corpus")) {
    throw IoError(folder.string() + ": this is one BEIR data set, not a folder of them" + kLayouts);
  }
  const bool by_subset =
      fs::is_directory(folder / "corpus", ignored) && !find_json_lines(folder / "corpus", "corpus");
  std::vector<NanoBeirSet> sets = by_subset ? sets_by_subset(folder) : sets_by_folder(folder);
  if (sets.empty()) throw IoError(folder.string() + ": no data sets in it" + kLayouts);
  std::ranges::stable_sort(sets, [](const NanoBeirSet& a, const NanoBeirSet& b) {
    return std::pair(known_place(a.name), a.name) < std::pair(known_place(b.name), b.name);
  });
  check_no_set_twice(sets);
  return sets;
}

std::vector<NanoBeirSet> select_nano_beir(std::vector<NanoBeirSet> sets,
                                          const std::vector<std::string>& dataset_names) {
  if (dataset_names.empty()) return sets;
  std::vector<NanoBeirSet> selected;
  for (const std::string& dataset : dataset_names) {
    const std::string name = named_set(dataset, {}).name;
    const auto found = std::ranges::find(sets, name, &NanoBeirSet::name);
    if (found == sets.end()) {
      std::string there;
      for (const NanoBeirSet& set : sets) there.append(there.empty() ? "" : ", ").append(set.name);
      throw std::invalid_argument("dataset_names: no data set '" + dataset + "'; there are " +
                                  there);
    }
    if (std::ranges::find(selected, name, &NanoBeirSet::name) != selected.end()) {
      throw std::invalid_argument("dataset_names: '" + dataset + "' is named twice");
    }
    selected.push_back(*found);
  }
  return selected;
}

}  // namespace maxsimd
