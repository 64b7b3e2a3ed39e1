// One function a verb: declares its arguments on `app` and sets the callback that runs it.
// What a verb prints for programs goes to stdout, what it says to people to stderr.
#pragma once

#include <CLI/CLI.hpp>

namespace maxsimd::cli {

void add_info(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_encode(CLI::App& app);
void add_score(CLI::App& app);
void add_index(CLI::App& app);
void add_search(CLI::App& app);
void add_remove(CLI::App& app);
void add_inspect(CLI::App& app);
void add_verify(CLI::App& app);
void add_compact(CLI::App& app);
void add_tune(CLI::App& app);
void add_rerank(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_mine(CLI::App& app);
void add_convert(CLI::App& app);
void add_pull(CLI::App& app);
void add_train(CLI::App& app);
void add_card(CLI::App& app);
void add_bench(CLI::App& app);
void add_demo(CLI::App& app);

}  // namespace maxsimd::cli
