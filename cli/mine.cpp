// maxsimd mine MODEL: hard negatives for a training set, found with an index of its documents.
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "cli/corpus.h"
#include "cli/form_flags.h"
#include "cli/mining_data.h"
#include "cli/model_flags.h"
#include "cli/notes.h"
#include "cli/output_path.h"
#include "cli/parameter_flags.h"
#include "cli/progress.h"
#include "cli/row_output.h"
#include "cli/temporary_index.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "maxsimd/data/training_rows.h"
#include "maxsimd/evaluation/hard_negatives.h"
#include "maxsimd/search/rerank.h"
#include "maxsimd/search/retriever.h"

namespace maxsimd::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  ModelFlags model;
  FormFlags form;
  ParameterFlags parameters;
  std::vector<std::filesystem::path> dataset;
  MiningCorpus corpus;
  std::vector<std::string> columns;
  std::string out, sampling = "top";
  MiningOptions mining;
  bool with_scores = false;
};

void tell_about_columns(const TrainingColumns& columns) {
  tell_notes(columns.warnings);
  const std::string unused = unused_columns_text(columns);
  if (!unused.empty()) tell_notes({&unused, 1});
  if (columns.columns.size() > 2) {
    std::fprintf(stderr,
                 "note: negatives that are there already are not carried over (column %s)\n",
                 columns.columns[2].name.c_str());
  }
}

void tell_about_data(const Flags& flags, const IndexSettings& form, const MiningData& data) {
  const auto shown = [](uint64_t number) { return static_cast<unsigned long long>(number); };
  if (data.pairs.num_short_positives() > 0) {
    std::fprintf(stderr,
                 "note: %llu answers are texts of documents without their titles, and negatives "
                 "will have titles; --without-titles makes them alike\n",
                 shown(data.pairs.num_short_positives()));
  }
  constexpr size_t kManyForExact = 20000;
  if (flags.form.kind || form.kind != IndexKind::exact) return;
  if (data.documents.ids.size() <= kManyForExact) return;
  std::fprintf(stderr,
               "note: exact search scores %zu documents for each of %llu questions; --kind plaid "
               "is many times quicker and finds nearly the same\n",
               data.documents.ids.size(), shown(data.pairs.num_pairs()));
}

/// Searches questions in an index of the documents. Must not outlive what it is made of.
class QuestionSearch {
 public:
  QuestionSearch(const ColBERT& model, const TrainingRows& rows, const MiningData& data,
                 const Index& index, const Flags& flags)
      : model_(model), rows_(rows), data_(data), retriever_(index) {
    flags.parameters.apply(index.settings().kind, options_);
    scores_positives_ = flags.with_scores || flags.mining.margin || flags.mining.max_score_ratio;
    if (data.pairs.all_are_candidates()) return;
    std::vector<std::string> candidates;
    for (uint64_t i = 0; i < data.pairs.num_documents(); ++i) {
      if (data.pairs.is_candidate(i)) candidates.push_back(data.documents.ids[i]);
    }
    filter_ = index.filter_ids(candidates);
    options_.filter = &*filter_;
  }

  MiningRankings operator()(uint64_t first, uint64_t count, size_t k) const {
    std::vector<std::string> questions;
    for (uint64_t i = first; i < first + count; ++i) questions.push_back(rows_.row(i)[0]);
    const Embeddings queries = model_.encode_queries(questions);
    SearchOptions options = options_;
    options.k = k;
    MiningRankings found;
    for (const auto& hits : retriever_.retrieve(queries, options, model_.pool())) {
      std::vector<ScoredDocument>& ranking = found.hits.emplace_back();
      for (const Hit& hit : hits) ranking.push_back({number_of(hit.id), hit.score});
    }
    found.positive_scores = positive_scores(queries, first);
    return found;
  }

 private:
  static uint64_t number_of(const std::string& id) {
    uint64_t number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    return number;
  }

  std::vector<float> positive_scores(const Embeddings& queries, uint64_t first) const {
    std::vector<float> scores(queries.size());
    if (!scores_positives_) return scores;
    std::vector<std::vector<std::string>> positives;
    for (size_t i = 0; i < scores.size(); ++i) {
      positives.push_back({data_.documents.ids[data_.pairs.positive(first + i)]});
    }
    const auto ranked = rerank(positives, queries, retriever_.index(), {}, model_.pool());
    for (size_t i = 0; i < scores.size(); ++i) {
      if (!ranked[i].empty()) scores[i] = ranked[i][0].score;  // empty: a query without vectors
    }
    return scores;
  }

  const ColBERT& model_;
  const TrainingRows& rows_;
  const MiningData& data_;
  Retriever retriever_;
  SearchOptions options_;
  std::optional<Filter> filter_;
  bool scores_positives_ = false;
};

/// Writes mined pairs as training rows.
class PairWriter {
 public:
  PairWriter(RowOutput& output, const TrainingRows& rows, const MiningData& data, bool with_scores)
      : output_(output),
        rows_(rows),
        data_(data),
        query_(name_of(rows.columns().columns[0], "query")),
        positive_(name_of(rows.columns().columns[1], "positive")),
        with_scores_(with_scores) {}

  void write(const MinedPair& mined) {
    const std::vector<std::string> texts = rows_.row(mined.pair);
    Json row = {{query_, texts[0]}, {positive_, texts[1]}};
    Json scores = {mined.positive_score};
    for (size_t i = 0; i < mined.negatives.size(); ++i) {
      const ScoredDocument& negative = mined.negatives[i];
      row["negative_" + std::to_string(i + 1)] = data_.documents.texts[negative.document];
      scores.push_back(negative.score);
    }
    if (with_scores_) row["scores"] = std::move(scores);
    output_.write(row);
    ++num_rows_;
  }

  uint64_t num_rows() const { return num_rows_; }

 private:
  // A name that training knows stays.
  static std::string name_of(const TrainingColumn& column, const char* otherwise) {
    return role_of_column(column.name) == column.role ? column.name : otherwise;
  }

  RowOutput& output_;
  const TrainingRows& rows_;
  const MiningData& data_;
  std::string query_, positive_;
  bool with_scores_;
  uint64_t num_rows_ = 0;
};

void tell(const Flags& flags, const MiningReport& report, uint64_t num_rows,
          const MiningData& data) {
  const auto shown = [](uint64_t number) { return static_cast<unsigned long long>(number); };
  std::fprintf(stderr, "%s: %llu rows with %llu negatives, from %llu pairs and %llu documents\n",
               flags.out == "-" ? "standard output" : flags.out.c_str(), shown(num_rows),
               shown(report.negatives), shown(report.pairs), shown(data.pairs.num_documents()));
  if (report.incomplete == 0) return;
  std::fprintf(stderr,
               "note: pairs with fewer than %zu negatives in ranks %zu to %zu%s: %llu, %s\n",
               flags.mining.negatives, flags.mining.rank_min, flags.mining.rank_max,
               flags.mining.margin || flags.mining.max_score_ratio ? " below the limit" : "",
               shown(report.incomplete), flags.mining.keep_incomplete ? "kept" : "left out");
}

void check_flags(Flags& flags) {
  flags.mining.sampling =
      flags.sampling == "random" ? NegativeSampling::random : NegativeSampling::top;
  if (flags.mining.rank_max < flags.mining.rank_min + flags.mining.negatives - 1) {
    throw CLI::ValidationError("--rank-min " + std::to_string(flags.mining.rank_min) +
                               ", --rank-max " + std::to_string(flags.mining.rank_max) +
                               ": expected a window of " + std::to_string(flags.mining.negatives) +
                               " ranks at least, one for each negative");
  }
  if (!flags.corpus.positive_ids.empty() && flags.corpus.files.empty()) {
    throw CLI::ValidationError("--positive-ids: names documents of a --corpus; give one");
  }
  check_row_output(flags.out, flags.mining.keep_incomplete);
  std::vector<std::filesystem::path> inputs = flags.dataset;
  inputs.insert(inputs.end(), flags.corpus.files.begin(), flags.corpus.files.end());
  check_output_is_no_input(flags.out, inputs);
}

TrainingRows open_rows(const Flags& flags) {
  TrainingRowsOptions options{.temporary_folder = std::filesystem::temp_directory_path()};
  if (!flags.columns.empty()) options.columns.columns = parse_column_choices(flags.columns);
  return TrainingRows::open(flags.dataset, options);
}

void run(Flags& flags) {
  check_flags(flags);
  const IndexSettings form = chosen_form(flags.form);
  as_usage([&] {  // told before the work
    SearchOptions ignored;
    flags.parameters.apply(form.kind, ignored);
    check_mining_options(flags.mining);
  });
  const TrainingRows rows = as_usage([&] { return open_rows(flags); });
  tell_about_columns(rows.columns());
  RowOutput output(flags.out);
  const MiningData data = read_mining_data(rows, flags.corpus);
  tell_about_data(flags, form, data);
  const ColBERT model = load_model(flags.model);
  const TemporaryIndex index(model, data.documents, form);
  const QuestionSearch search(model, rows, data, index.open(model.isa()), flags);
  PairWriter writer(output, rows, data, flags.with_scores);
  MiningReport report;
  {
    ProgressBar bar("mining", "pairs");
    flags.mining.progress = bar.callback();
    report = mine_hard_negatives(data.pairs, std::cref(search), flags.mining,
                                 [&](const MinedPair& mined) { writer.write(mined); });
  }
  if (writer.num_rows() == 0) {
    throw std::invalid_argument("mine: no pair has " + std::to_string(flags.mining.negatives) +
                                " negatives in the ranks asked for; nothing is written. Lower "
                                "--rank-min or the limits, or give a larger --corpus");
  }
  output.commit();
  tell(flags, report, writer.num_rows(), data);
}

void add_window_flags(CLI::App& verb, Flags& flags) {
  MiningOptions& mining = flags.mining;
  const CLI::Range ranks(size_t{1}, size_t{1} << 30);
  verb.add_option("--negatives", mining.negatives, "negatives for each pair")
      ->check(ranks)
      ->capture_default_str();
  verb.add_option("--rank-min", mining.rank_min,
                  "first rank that is looked at; 1 is the best document that is no known answer")
      ->check(ranks)
      ->capture_default_str();
  verb.add_option("--rank-max", mining.rank_max, "last rank that is looked at")
      ->check(ranks)
      ->capture_default_str();
  verb.add_option("--margin", mining.margin,
                  "leave out documents that score more than the positive less this");
  verb.add_option("--max-score-ratio", mining.max_score_ratio,
                  "leave out documents that score more than this share of the positive's (0.95)");
  verb.add_option("--sampling", flags.sampling, "top: the best that are left; random: any of them")
      ->check(CLI::IsMember({"top", "random"}))
      ->capture_default_str();
  verb.add_option("--seed", mining.seed, "of --sampling random")->capture_default_str();
  verb.add_flag("--keep-incomplete", mining.keep_incomplete,
                "write pairs with fewer negatives, too, instead of leaving them out");
}

}  // namespace

void add_mine(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "mine", "hard negatives for a training set: documents that rank high and are no answers");
  verb->footer(
      "Writes rows, JSON lines or CSV: the question and its answer under the names they have in "
      "the data, "
      "negative_1 and so on, and with --with-scores the list scores (of the answer, then of each "
      "negative). Never a negative of a question: its answers in any row of the data, also under "
      "--positive-ids, and documents with the same text. See docs/training_data.md.");
  const auto flags = std::make_shared<Flags>();
  add_model_flags(*verb, flags->model);
  verb->add_option("--dataset", flags->dataset,
                   "questions and answers: JSON lines, CSV or TSV, plain or .gz")
      ->required();
  verb->add_option("--corpus", flags->corpus.files,
                   "documents to find negatives among (JSON lines, TSV, a folder of .txt and .md "
                   "files, or a BEIR folder); default: the "
                   "answers of the data");
  verb->add_flag("--without-titles", flags->corpus.without_titles,
                 "leave the titles of the corpus out: answers often have none");
  verb->add_option("--out", flags->out,
                   "file to write: JSON lines, or CSV by its name, also as .gz; '-' for standard "
                   "output")
      ->required();
  verb->add_option("--columns", flags->columns,
                   "question and answer, where their names do not say it: two columns, or "
                   "query=COLUMN,positive=COLUMN")
      ->delimiter(',');
  verb->add_option("--positive-ids", flags->corpus.positive_ids,
                   "column with the id, or list of ids, of the answers in the corpus");
  add_window_flags(*verb, *flags);
  verb->add_flag("--with-scores", flags->with_scores, "also write the scores");
  add_form_flags(*verb, flags->form);
  add_parameter_flags(*verb, flags->parameters, false);
  verb->callback([flags] { run(*flags); });
}

}  // namespace maxsimd::cli
