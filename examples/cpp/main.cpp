// Ranks three documents for a question with a ColBERT model, and shows which words matched:
//
//   rank MODEL_FOLDER
#include <maxsimd/maxsimd.h>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

const std::string question = "Who chose the capital of Canada?";
const std::vector<std::string> document_ids = {"canberra", "ottawa", "toronto"};
const std::vector<std::string> documents = {
    "Canberra was founded in 1913 as a compromise between Sydney and Melbourne, and has been the "
    "seat of Australia's government since 1927.",
    "Queen Victoria chose Ottawa as the permanent capital of the Province of Canada in 1857; it "
    "lies on the border of Ontario and Quebec.",
    "Toronto is Canada's largest city and its financial centre, on the shore of Lake Ontario."};

void print_ranking(const maxsimd::ColBERT& model) {
  const std::vector<std::string> questions = {question};
  const maxsimd::Embeddings queries = model.encode_queries(questions);

  maxsimd::CodedEmbeddings collection(model.dim(), maxsimd::Codec::float16);
  collection.append(model.encode_documents(documents));

  const auto hits = maxsimd::retrieve(queries, collection, document_ids, {.k = 3}, model.pool());
  int rank = 0;
  for (const maxsimd::Hit& hit : hits.front()) {
    std::printf("%d\t%.3f\t%s\n", ++rank, static_cast<double>(hit.score), hit.id.c_str());
  }
}

void print_matches(const maxsimd::ColBERT& model, const std::string& document) {
  const std::vector<std::string> questions = {question};
  const maxsimd::Embeddings query = model.encode_queries(questions);
  const maxsimd::Embeddings rows = model.encode_documents({&document, 1});
  const auto query_words = model.describe_rows(question, maxsimd::TextKind::query);
  const auto document_words = model.describe_rows(document, maxsimd::TextKind::document);
  for (const maxsimd::Alignment& match : maxsimd::align(query.matrix(0), rows.matrix(0))) {
    std::printf("%-10s %-10s %.3f\n", query_words[match.query_row].token.c_str(),
                document_words[match.document_row].token.c_str(),
                static_cast<double>(match.similarity));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fputs("usage: rank MODEL_FOLDER\n", stderr);
    return 2;
  }
  const auto model = maxsimd::ColBERT::load(argv[1]);
  print_ranking(model);
  print_matches(model, documents[1]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "rank: %s\n", error.what());
  return 1;
}
