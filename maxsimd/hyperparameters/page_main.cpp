// hyperparameters_page: docs/hyperparameters.md on standard output.
#include <cstdio>

#include "maxsimd/hyperparameters/docs_page.h"

int main() {
  const std::string page = maxsimd::hyperparameters_page();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() ? 0 : 1;
}
