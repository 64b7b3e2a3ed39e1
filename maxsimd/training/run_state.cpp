#include "maxsimd/training/run_state.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/checkpoint/safetensors_writer.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kStateName = "trainer_state.json";
constexpr const char* kOptimizerName = "optimizer.safetensors";
constexpr const char* kGeneratorName = "random_generator.cpu";
constexpr const char* kFolderStart = "checkpoint-";

at::Tensor generator_state() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

PlannedTensor plan(std::string name, const at::Tensor& tensor, DType dtype) {
  std::vector<size_t> shape;
  for (const int64_t extent : tensor.sizes()) shape.push_back(static_cast<size_t>(extent));
  return {std::move(name), dtype, std::move(shape), [tensor] {
            const at::Tensor values = tensor.contiguous();
            const auto* bytes = static_cast<const std::byte*>(values.const_data_ptr());
            return std::vector<std::byte>(bytes, bytes + values.nbytes());
          }};
}

void write_optimizer(const AdamW& optimizer, const fs::path& path) {
  std::vector<PlannedTensor> tensors;
  for (const AdamW::State& state : optimizer.state()) {
    tensors.push_back(plan(state.name + ".average", state.average, DType::f32));
    tensors.push_back(plan(state.name + ".square", state.square, DType::f32));
    tensors.push_back(plan(state.name + ".steps", state.steps, DType::f32));
  }
  tensors.push_back(plan(kGeneratorName, generator_state(), DType::u8));
  write_safetensors(path, tensors);
}

void copy_into(const SafetensorsFile& file, const std::string& name, const at::Tensor& target) {
  const TensorView* found = file.find(name);
  if (found == nullptr || found->bytes.size() != target.nbytes()) {
    throw FormatError(file.path().string() + ": tensor '" + name + "' of " +
                      std::to_string(target.nbytes()) + " bytes is " +
                      (found == nullptr ? "missing" : "of another size") +
                      "; does the checkpoint belong to this model?");
  }
  std::memcpy(target.mutable_data_ptr(), found->bytes.data(), found->bytes.size());
}

void read_optimizer(const fs::path& path, AdamW& optimizer) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  for (const AdamW::State& state : optimizer.state()) {
    copy_into(file, state.name + ".average", state.average);
    copy_into(file, state.name + ".square", state.square);
    copy_into(file, state.name + ".steps", state.steps);
  }
  at::Tensor generator = generator_state().clone();
  copy_into(file, kGeneratorName, generator);
  at::Generator target = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(target.mutex());
  target.set_state(generator);
}

Json optional_number(const auto& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

std::string state_text(const RunState& state, const fs::path& folder) {
  const RunPosition& at = state.position;
  Json json = {{"format_version", 1},
               {"global_step", at.step},
               {"epoch", at.epoch},
               {"batch", at.batch},
               {"loss_sum", at.loss_sum},
               {"logged_step", at.logged_step},
               {"skipped_steps", at.skipped_steps},
               {"best_metric", optional_number(at.best_metric)},
               {"best_global_step", optional_number(at.best_step)},
               {"evaluations_without_gain", at.evaluations_without_gain}};
  if (at.plateau.has_value()) {
    json["plateau"] = {at.plateau->learning_rate, at.plateau->best, at.plateau->num_bad_evaluations,
                       at.plateau->cooldown_counter};
  }
  json["hyperparameters"] = Json::parse(state.hyperparameters);
  Json files = Json::object();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(folder).generic_string()] = entry.file_size();
  }
  json["files"] = files;
  return json.dump(2) + "\n";
}

RunPosition position_of(const nlohmann::json& json) {
  RunPosition at{.step = json.at("global_step").get<int64_t>(),
                 .epoch = json.at("epoch").get<uint64_t>(),
                 .batch = json.at("batch").get<size_t>(),
                 .loss_sum = json.at("loss_sum").get<double>(),
                 .logged_step = json.at("logged_step").get<int64_t>(),
                 .skipped_steps = json.at("skipped_steps").get<int64_t>()};
  if (!json.at("best_metric").is_null()) at.best_metric = json.at("best_metric").get<double>();
  if (!json.at("best_global_step").is_null()) {
    at.best_step = json.at("best_global_step").get<int64_t>();
  }
  at.evaluations_without_gain = json.at("evaluations_without_gain").get<int64_t>();
  if (json.contains("plateau")) {
    const nlohmann::json& plateau = json.at("plateau");
    at.plateau = {plateau.at(0).get<double>(), plateau.at(1).get<double>(),
                  plateau.at(2).get<int64_t>(), plateau.at(3).get<int64_t>()};
  }
  return at;
}

/// What keeps a checkpoint from being whole, or nothing.
std::optional<std::string> problem_of(const fs::path& folder) {
  if (!fs::exists(folder / kStateName)) return std::string("it has no ") + kStateName;
  try {
    const nlohmann::json state = read_json_file(folder / kStateName);
    for (const auto& [name, size] : state.at("files").items()) {
      const fs::path file = folder / name;
      if (!fs::exists(file) || fs::file_size(file) != size.get<uint64_t>()) {
        return name + " is missing or cut off";
      }
    }
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace

fs::path checkpoint_folder(const fs::path& output, int64_t step) {
  return output / (kFolderStart + std::to_string(step));
}

void save_run(const ColBERT& model, const Parameters& parameters, const AdamW& optimizer,
              const RunState& state, const fs::path& output) {
  const fs::path folder = checkpoint_folder(output, state.position.step);
  fs::remove_all(folder);
  save_model(model, parameters, "", folder);
  write_optimizer(optimizer, folder / kOptimizerName);
  write_training_record(state.record, folder / kTrainingRecordName);
  write_file_atomic(folder / kStateName, state_text(state, folder));
}

std::vector<fs::path> find_checkpoints(const fs::path& output, std::vector<std::string>& notes) {
  std::vector<std::pair<int64_t, fs::path>> found;
  if (!fs::is_directory(output)) return {};
  for (const auto& entry : fs::directory_iterator(output)) {
    const std::string name = entry.path().filename().string();
    int64_t step = 0;
    const char* begin = name.data() + std::strlen(kFolderStart);
    if (!entry.is_directory() || !name.starts_with(kFolderStart)) continue;
    const auto [end, error] = std::from_chars(begin, name.data() + name.size(), step);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (const auto problem = problem_of(entry.path())) {
      notes.push_back(entry.path().string() + " is not whole and is passed over: " + *problem);
      continue;
    }
    found.emplace_back(step, entry.path());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> folders;
  for (auto& [step, folder] : found) folders.push_back(std::move(folder));
  return folders;
}

void check_same_run(const std::string& before, const std::string& now, const fs::path& folder) {
  static constexpr const char* kThatMatter[] = {"model",
                                                "train_dataset",
                                                "columns",
                                                "pylate_columns",
                                                "per_device_train_batch_size",
                                                "gradient_accumulation_steps",
                                                "learning_rate",
                                                "lr_scheduler_type",
                                                "lr_scheduler_kwargs",
                                                "warmup_ratio",
                                                "warmup_steps",
                                                "num_train_epochs",
                                                "max_steps",
                                                "seed",
                                                "data_seed",
                                                "loss",
                                                "temperature",
                                                "batch_sampler",
                                                "multi_dataset_batch_sampler",
                                                "dataloader_drop_last",
                                                "bf16",
                                                "optim",
                                                "weight_decay",
                                                "query_length",
                                                "document_length"};
  const nlohmann::json old_values = parse_json(before, folder.string());
  const nlohmann::json new_values = parse_json(now, "the hyperparameters of this run");
  for (const char* name : kThatMatter) {
    const auto value = [&](const nlohmann::json& values) {
      return values.contains(name) ? values.at(name).dump() : std::string("not given");
    };
    if (value(old_values) == value(new_values)) continue;
    throw std::invalid_argument(folder.string() + " is of another run: " + name + " was " +
                                value(old_values) + ", now it is " + value(new_values) +
                                "; resume with what it was, or begin anew in another output_dir");
  }
}

RunState restore_run(const fs::path& folder, Parameters& parameters, AdamW& optimizer) {
  const fs::path path = folder / kStateName;
  const nlohmann::json json = read_json_file(path);
  RunState state;
  try {
    state.position = position_of(json);
    state.hyperparameters = json.at("hyperparameters").dump();
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(path.string() + ": " + error.what());
  }
  state.record = read_training_record(folder / kTrainingRecordName);
  restore_weights(folder, parameters);
  read_optimizer(folder / kOptimizerName, optimizer);
  return state;
}

}  // namespace maxsimd::training
