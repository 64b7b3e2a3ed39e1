#include "cli/hits.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace maxsimd::cli {
namespace {

using Json = nlohmann::json;

// Object keys come sorted; bytes that are not UTF-8 (a foreign vocabulary) become U+FFFD.
void print_json(const Json& json) {
  std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

Json id_json(const std::string& id, bool integer) {
  return integer ? Json::parse(id) : Json(id);
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

// One cell of a table: what would end it becomes a space.
std::string cell(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
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

}  // namespace

HitWriter::HitWriter(HitFormat format) : format_(std::move(format)) {
  if (!format_.run.empty()) run_.emplace(format_.run);
}

void HitWriter::write(const std::string& query_id, std::span<const Hit> hits) {
  std::vector<ShownHit> shown;
  for (const Hit& hit : hits) shown.push_back({hit, std::nullopt, std::nullopt});
  write(query_id, shown);
}

void HitWriter::write(const std::string& query_id, std::span<const ShownHit> hits) {
  std::vector<Hit> plain;
  Json list = Json::array();
  for (const ShownHit& shown : hits) {
    plain.push_back(shown.hit);
    if (format_.json) {
      Json entry = {{"id", id_json(shown.hit.id, format_.integer_ids)}, {"score", shown.hit.score}};
      if (shown.text) entry["text"] = *shown.text;
      if (shown.alignment) entry["alignment"] = alignment_json(*shown.alignment);
      list.push_back(std::move(entry));
      continue;
    }
    std::printf("%s\t%zu\t%s\t%.9g", cell(query_id).c_str(), plain.size(),
                cell(shown.hit.id).c_str(), static_cast<double>(shown.hit.score));
    if (shown.text) std::printf("\t%s", cell(*shown.text).c_str());
    if (shown.alignment) std::printf("\t%s", alignment_cell(*shown.alignment).c_str());
    std::putchar('\n');
  }
  if (format_.json) print_json({{"query_id", query_id}, {"hits", std::move(list)}});
  if (run_) run_->add(query_id, plain);
}

void HitWriter::finish() {
  if (run_) run_->commit();
}

}  // namespace maxsimd::cli
