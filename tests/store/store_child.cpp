// The processes that the tests of the store start, kill and let fail.
//
//   store_child write FOLDER SHAPE STEPS [retry]   plays the script from where the folder stands
//                                                  (making it when it is not there) and prints
//                                                  "done N" when step N has been committed. retry:
//                                                  after an IoError opens a new writer and goes on
//   store_child read FOLDER SHAPE STEPS            opens, refreshes and observes until its standard
//                                                  input ends; prints "ready" after the first time
//   store_child replace FOLDER SHAPE STEPS         makes an index of the script and puts it in the
//                                                  place of the one that is there
//   store_child hold FOLDER                        opens a writer, prints "ready", and keeps it
//                                                  until its standard input ends
//   store_child search FOLDER SHAPE STEPS          observes once and prints "state N"
//
// SHAPE is SEED,IDS,BATCH,BURST,KIND of ScriptShape. Exit code: 0; 3 for an IoError, 4 for a
// FormatError or another exception, 5 for a snapshot that is no state of the script. One line on
// stderr.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/collection/index_replacement.h"
#include "tests/store/store_script.h"

namespace {

using namespace maxsimd;
using namespace maxsimd::store_testing;
namespace fs = std::filesystem;

struct Mixture : std::runtime_error {
  using std::runtime_error::runtime_error;
};

ScriptShape shape_of(const std::string& text) {
  ScriptShape shape;
  char comma = 0;
  std::string kind;
  std::istringstream(text) >> shape.seed >> comma >> shape.num_ids >> comma >>
      shape.largest_batch >> comma >> shape.largest_burst >> comma >> kind;
  shape.kind = store_kind_from_name(kind).value_or(shape.kind);
  return shape;
}

// Unbuffered: the line is out when the call returns, whatever happens next.
void say(const std::string& line) {
  const std::string text = line + '\n';
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) std::perror("store_child");
}

bool input_has_ended() {
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

size_t checked_step(const Index& index, const Script& script, size_t earliest, ThreadPool& pool) {
  const Observation seen = observe(index, script, earliest, script.num_steps(), pool);
  if (!seen.problem.empty() || !seen.row_problem.empty()) {
    throw Mixture("commit " + std::to_string(index.commit()) + ": " + seen.problem +
                  seen.row_problem);
  }
  return seen.step;
}

size_t play_on(const fs::path& folder, const Script& script, size_t earliest) {
  ThreadPool pool(1);
  IndexWriter writer =
      is_index(folder) ? IndexWriter::open(folder, script_writer_options())
                       : IndexWriter::create(folder, script.settings(), script_writer_options());
  size_t step = checked_step(writer.snapshot(), script, earliest, pool);
  while (step < script.num_steps()) {
    script.play(++step, writer);
    say("done " + std::to_string(step));
  }
  return step;
}

void write(const fs::path& folder, const Script& script, bool retry) {
  try {
    play_on(folder, script, 0);
  } catch (const IoError& error) {
    if (!retry) throw;
    std::cerr << "store_child: retrying after: " << error.what() << '\n';
    play_on(folder, script, 0);
  }
}

void read(const fs::path& folder, const Script& script) {
  ThreadPool pool(1);
  Index index = Index::open(folder);
  size_t step = 0, num_observed = 0;
  while (!input_has_ended()) {
    step = checked_step(index, script, step, pool);
    if (num_observed++ == 0) say("ready");
    index = num_observed % 2 == 0 ? index.refresh() : Index::open(folder);
  }
  say("observed " + std::to_string(num_observed));
}

void replace(const fs::path& folder, const Script& script) {
  IndexReplacement replacement(folder, script.settings(), script_writer_options());
  for (size_t step = 1; step <= script.num_steps(); ++step) {
    script.play(step, replacement.writer());
  }
  replacement.commit();
}

void hold(const fs::path& folder) {
  const IndexWriter writer = IndexWriter::open(folder);
  say("ready");
  while (!input_has_ended()) ::usleep(1000);
}

void run(int argc, char** argv) {
  const std::string verb = argv[1];
  if (verb == "hold") return hold(argv[2]);
  const Script script(shape_of(argc > 3 ? argv[3] : ""), argc > 4 ? std::stoul(argv[4]) : 0);
  if (verb == "write") return write(argv[2], script, argc > 5);
  if (verb == "read") return read(argv[2], script);
  if (verb == "replace") return replace(argv[2], script);
  ThreadPool pool(1);
  say("state " + std::to_string(checked_step(Index::open(argv[2]), script, 0, pool)));
}

int report(const char* kind, const std::exception& error, int code) {
  std::cerr << kind << ": " << error.what() << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    run(argc, argv);
  } catch (const IoError& error) {
    return report("IoError", error, 3);
  } catch (const Mixture& error) {
    return report("Mixture", error, 5);
  } catch (const FormatError& error) {
    return report("FormatError", error, 4);
  } catch (const std::exception& error) {
    return report("exception", error, 4);
  }
  return 0;
}
