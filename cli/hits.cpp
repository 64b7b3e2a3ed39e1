#include "cli/hits.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace maxsimd::cli {
namespace {

using Json = nlohmann::json;

// Object keys come sorted; bytes that are not UTF-8 (a foreign vocabulary) become U+FFFD.
void print_json(const Json& json) {
  std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

Json id_json(const std::string& id, IdType type) {
  return type == IdType::integer ? Json::parse(id) : Json(id);
}

// A row's token and the bytes of its text; special tokens have none.
void add_row(Json& match, const char* name, const std::optional<RowDescription>& row) {
  if (!row) return;
  match[std::string(name) + "_token"] = row->token;
  match[std::string(name) + "_bytes"] = {row->bytes.begin, row->bytes.end};
}

Json alignment_json(const std::vector<ExplainedMatch>& matches) {
  Json list = Json::array();
  for (const ExplainedMatch& match : matches) {
    Json entry = {{"query_row", match.alignment.query_row},
                  {"document_row", match.alignment.document_row},
                  {"similarity", match.alignment.similarity}};
    add_row(entry, "query", match.query);
    add_row(entry, "document", match.document);
    list.push_back(std::move(entry));
  }
  return list;
}

// One cell of a table: what would end it, or the line for a program that reads it, becomes a space.
std::string cell(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r' || c == '\0') c = ' ';
  }
  return text;
}

// "why=because:0.91 ...": the query's own words (no expansion, no special tokens) and what they
// met; row numbers where words are not known.
std::string alignment_cell(const std::vector<ExplainedMatch>& matches) {
  std::string out;
  for (const ExplainedMatch& match : matches) {
    if (match.query && match.query->bytes.begin == match.query->bytes.end) continue;
    char similarity[32];
    std::snprintf(similarity, sizeof(similarity), "%.3f",
                  static_cast<double>(match.alignment.similarity));
    if (!out.empty()) out += ' ';
    out += match.query ? match.query->token : std::to_string(match.alignment.query_row);
    out += '=';
    out += match.document ? match.document->token : std::to_string(match.alignment.document_row);
    out.append(":").append(similarity);
  }
  return out;
}

// A list of ids in which a tab or a line break stood as something else would name other documents.
void check_cell(const std::string& id, const char* of) {
  if (id.find_first_of(std::string_view("\t\n\r\0", 4)) == std::string::npos) return;
  throw std::invalid_argument(
      std::string("the id ")
          .append(Json(id).dump())
          .append(" of a ")
          .append(of)
          .append(" holds a tab, a line break or U+0000, which a table cannot show;"
                  " ask with --json"));
}

void print_json_hits(const std::string& query_id, std::span<const ShownHit> hits, IdType type) {
  Json list = Json::array();
  for (const ShownHit& shown : hits) {
    Json entry = {{"id", id_json(shown.hit.id, type)}, {"score", shown.hit.score}};
    if (shown.text) entry["text"] = *shown.text;
    if (shown.alignment) entry["alignment"] = alignment_json(*shown.alignment);
    list.push_back(std::move(entry));
  }
  print_json({{"query_id", query_id}, {"hits", std::move(list)}});
}

void print_rows(const std::string& query_id, std::span<const ShownHit> hits) {
  check_cell(query_id, "query");
  for (const ShownHit& shown : hits) check_cell(shown.hit.id, "document");
  size_t rank = 0;
  for (const ShownHit& shown : hits) {
    std::printf("%s\t%zu\t%s\t%.9g", query_id.c_str(), ++rank, shown.hit.id.c_str(),
                static_cast<double>(shown.hit.score));
    if (shown.text) std::printf("\t%s", cell(*shown.text).c_str());
    if (shown.alignment) std::printf("\t%s", alignment_cell(*shown.alignment).c_str());
    std::putchar('\n');
  }
}

}  // namespace

const char* const kHitNotes =
    "A document without token vectors comes last; its score is -inf, null in --json, and in a run\n"
    "the next number below. Ids are printed as they are: one with a tab or a line break is "
    "refused\n"
    "without --json, one with white space in a run.";

void check_query_id(const HitFormat& format, const std::string& id) {
  if (!format.json) check_cell(id, "query");
  if (!format.run.empty()) check_run_column(id, "query id");
}

HitWriter::HitWriter(HitFormat format) : format_(std::move(format)) {
  if (!format_.run.empty()) run_.emplace(format_.run);
}

void HitWriter::write(const std::string& query_id, std::span<const Hit> hits, IdType type) {
  std::vector<ShownHit> shown;
  for (const Hit& hit : hits) shown.push_back({hit, std::nullopt, std::nullopt});
  write(query_id, shown, type);
}

void HitWriter::write(const std::string& query_id, std::span<const ShownHit> hits, IdType type) {
  if (run_) {
    std::vector<Hit> plain;
    for (const ShownHit& shown : hits) plain.push_back(shown.hit);
    run_->add(query_id, plain);
  }
  if (format_.json) {
    print_json_hits(query_id, hits, type);
  } else {
    print_rows(query_id, hits);
  }
}

void HitWriter::finish() {
  if (run_) run_->commit();
}

}  // namespace maxsimd::cli
