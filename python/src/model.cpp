#include "python/src/model.h"

#include "python/src/interrupts.h"

namespace maxsimd::python {
namespace {

std::shared_ptr<ColBERT> load(const std::string& folder, const ColbertOptions& options) {
  std::shared_ptr<ColBERT> model;
  run_interruptibly(
      [&](Watch&) { model = std::make_shared<ColBERT>(ColBERT::load(folder, options)); });
  return model;
}

}  // namespace

Model::Model(const std::string& folder, const ColbertOptions& options)
    : folder_(folder), stamp_(stamp_of(folder)), model_([this, options] {
        check_folder();
        return load(folder_, options);
      }) {
  model_.get();
}

}  // namespace maxsimd::python
