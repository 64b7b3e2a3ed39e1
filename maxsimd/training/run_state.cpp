#include "maxsimd/training/run_state.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/card/checkpoint_name.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/checkpoint/safetensors_writer.h"
#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/random_state.h"
#include "maxsimd/training/run_position_reader.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kOptimizerName = "optimizer.safetensors";
constexpr const char* kCpuGenerator = "random_generator.cpu";
constexpr const char* kCudaGenerator = "random_generator.cuda";

PlannedTensor plan(std::string name, const at::Tensor& tensor, DType dtype) {
  return {std::move(name), dtype, shape_of(tensor), [tensor] {
            const at::Tensor values = tensor.to(at::kCPU).contiguous();
            const auto* bytes = static_cast<const std::byte*>(values.const_data_ptr());
            return std::vector<std::byte>(bytes, bytes + values.nbytes());
          }};
}

// A tensor's name for the generator of each process.
std::string generator_name(const char* kind, size_t rank) {
  std::string name = kind;
  if (rank > 0) name.append(".").append(std::to_string(rank));
  return name;
}

void write_optimizer(const AdamW& optimizer, const std::vector<RandomState>& random_states,
                     const fs::path& path) {
  std::vector<PlannedTensor> tensors;
  for (const AdamW::State& state : optimizer.state()) {
    tensors.push_back(plan(state.name + ".average", state.average, DType::f32));
    tensors.push_back(plan(state.name + ".square", state.square, DType::f32));
    tensors.push_back(plan(state.name + ".steps", state.steps, DType::f32));
  }
  for (size_t rank = 0; rank < random_states.size(); ++rank) {
    const RandomState& state = random_states[rank];
    tensors.push_back(plan(generator_name(kCpuGenerator, rank), state.cpu, DType::u8));
    if (!state.cuda.defined()) continue;
    tensors.push_back(plan(generator_name(kCudaGenerator, rank), state.cuda, DType::u8));
  }
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
  const at::Tensor host = at::empty(target.sizes(), target.options().device(at::kCPU));
  std::memcpy(host.mutable_data_ptr(), found->bytes.data(), found->bytes.size());
  target.copy_(host);
}

void read_optimizer(const fs::path& path, size_t rank, at::Device device, AdamW& optimizer) {
  const c10::NoGradGuard no_grad;
  const SafetensorsFile file = SafetensorsFile::open(path);
  for (const AdamW::State& state : optimizer.state()) {
    copy_into(file, state.name + ".average", state.average);
    copy_into(file, state.name + ".square", state.square);
    copy_into(file, state.name + ".steps", state.steps);
  }
  RandomState state = random_state(device);
  copy_into(file, generator_name(kCpuGenerator, rank), state.cpu);
  const std::string of_gpu = generator_name(kCudaGenerator, rank);
  if (state.cuda.defined() && file.find(of_gpu) != nullptr) copy_into(file, of_gpu, state.cuda);
  set_random_state(state, device);
}

Json optional_number(const auto& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

std::string state_text(const RunState& state, const fs::path& folder) {
  const RunPosition& at = state.position;
  Json json = {{"format_version", 1},
               {"num_processes", state.num_processes},
               {"global_step", at.step},
               {"epoch", at.epoch},
               {"batch", at.batch},
               {"loss_sum", at.loss_sum},
               {"logged_step", at.logged_step},
               {"logged_loss_sum", at.logged_loss_sum},
               {"samples", at.samples},
               {"seconds", at.seconds},
               {"evaluated_step", at.evaluated_step},
               {"skipped_steps", at.skipped_steps},
               {"best_metric", optional_number(at.best_metric)},
               {"best_global_step", optional_number(at.best_step)},
               {"judged_evaluations", at.judged_evaluations},
               {"evaluations_without_gain", at.evaluations_without_gain},
               {"evaluator_files", state.evaluator_files},
               {"train_checksums", state.train_checksums},
               {"eval_checksums", state.eval_checksums}};
  if (state.evaluator_checksums.has_value()) {
    json["evaluator_checksums"] = *state.evaluator_checksums;
  }
  if (at.plateau.has_value()) {
    json["plateau"] = {at.plateau->learning_rate, at.plateau->best, at.plateau->num_bad_evaluations,
                       at.plateau->cooldown_counter};
  }
  json["hyperparameters"] = Json::parse(state.hyperparameters);
  list_files(folder, json);
  return json.dump(2) + "\n";
}

// Its list of files says what was written.
void check_has_optimizer(const nlohmann::json& state, const fs::path& folder) {
  if (state.at("files").contains(kOptimizerName)) return;
  throw std::invalid_argument(folder.string() +
                              " holds the model alone (save_only_model: True): training cannot go "
                              "on from it. Begin anew, with model: " +
                              folder.string() + " to start from its weights");
}

}  // namespace

fs::path checkpoint_folder(const fs::path& output, int64_t step) {
  return output / checkpoint_name(step);
}

void save_run(const ColBERT& model, const Parameters& parameters, const AdamW* optimizer,
              const std::vector<RandomState>& random_states, const RunState& state,
              const fs::path& output) {
  const fs::path folder = checkpoint_folder(output, state.position.step);
  if (fs::exists(fs::symlink_status(folder)) && !is_own_checkpoint(folder)) {
    throw IoError("saving a checkpoint: " + folder.string() +
                  " has come to be there meanwhile and is no checkpoint of a run; move it away and "
                  "go on with resume_from_checkpoint");
  }
  AtomicFolderWriter writer(folder, WhenThere::replace);
  const std::string card = model_card(state.record, summarize_model(model.checkpoint()));
  save_model(model, parameters, card, writer.path());
  if (optimizer != nullptr) {
    write_optimizer(*optimizer, random_states, writer.path() / kOptimizerName);
  }
  TrainingRecord record = state.record;
  record.model_folder = ".";  // a checkpoint is a run folder of its own
  write_training_record(record, writer.path() / kTrainingRecordName);
  write_file_atomic(writer.path() / kStateName, state_text(state, writer.path()));
  writer.commit();
}

RunState read_run_state(const fs::path& folder) {
  const fs::path path = folder / kStateName;
  const std::string text = read_file(path);
  const nlohmann::json json = parse_json(text, path.string());
  RunState state;
  try {
    check_has_optimizer(json, folder);
    state.position = read_position(json, path.string());
    // As they were given: in mappings the order counts.
    state.hyperparameters = Json::parse(text).at("hyperparameters").dump();
    state.num_processes = read_num_processes(json, path.string());
    // Checkpoints of earlier versions do not have them.
    if (json.contains("evaluator_files")) json.at("evaluator_files").get_to(state.evaluator_files);
    if (json.contains("train_checksums")) json.at("train_checksums").get_to(state.train_checksums);
    if (json.contains("eval_checksums")) json.at("eval_checksums").get_to(state.eval_checksums);
    if (json.contains("evaluator_checksums")) {
      json.at("evaluator_checksums").get_to(state.evaluator_checksums.emplace());
    }
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(path.string() + ": " + error.what());
  }
  state.record = read_training_record(folder / kTrainingRecordName);
  return state;
}

void restore_run(const fs::path& folder, int64_t rank, Parameters& parameters, AdamW& optimizer) {
  restore_weights(folder, parameters);
  read_optimizer(folder / kOptimizerName, static_cast<size_t>(rank), parameters.device(),
                 optimizer);
}

}  // namespace maxsimd::training
