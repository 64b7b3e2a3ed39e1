// Model: what maxsimd.models.ColBERT is made of.
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <stdexcept>

#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/colbert/pooling.h"
#include "maxsimd/collection/fingerprint.h"
#include "python/src/arrays.h"
#include "python/src/bindings.h"
#include "python/src/interrupts.h"
#include "python/src/model.h"
#include "python/src/results.h"

namespace maxsimd::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using Texts = std::vector<std::string>;

// So little text takes well under a second: not worth a thread that can be interrupted.
constexpr size_t kFewTexts = 4, kFewBytes = 4096;

bool is_little(const Texts& texts) {
  size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return texts.size() <= kFewTexts && bytes <= kFewBytes;
}

// Documents, each of them a few milliseconds.
constexpr size_t kPooledPerPart = 16;

TextKind kind_of(bool is_query) {
  return is_query ? TextKind::query : TextKind::document;
}

Precision precision_of(const std::string& name, kernels::Isa isa) {
  if (name == "auto") return fastest_precision(isa);
  const auto precision = precision_from_name(name);
  if (!precision) {
    throw std::invalid_argument("precision: expected f32, bf16, int8 or auto, got '" + name + "'");
  }
  return *precision;
}

nb::list encode(Model& self, const Texts& texts, bool is_query, const EncodeOptions& given,
                nb::handle progress) {
  const std::shared_ptr<ColBERT> model = self.get();
  Embeddings embeddings;
  if (is_little(texts)) {
    const nb::gil_scoped_release released;
    embeddings = model->encode(texts, kind_of(is_query), given);
  } else {
    run_interruptibly(
        [&](Watch& watch) {
          EncodeOptions options = given;
          options.progress = [&](size_t done, size_t total) { watch.update(done, total); };
          embeddings = model->encode(texts, kind_of(is_query), options);
        },
        progress);
  }
  return to_list(std::move(embeddings));
}

/// Tokenizes without the GIL; signals end it.
std::vector<TokenizedText> tokenize_all(const ColBERT& model, const Texts& texts, TextKind kind,
                                        const EncodeOptions& options) {
  std::vector<TokenizedText> tokenized;
  const auto tokenize_from = [&](const std::string& text) {
    tokenized.push_back(model.tokenize(text, kind, options));
  };
  if (is_little(texts)) {
    const nb::gil_scoped_release released;
    std::for_each(texts.begin(), texts.end(), tokenize_from);
    return tokenized;
  }
  run_interruptibly([&](Watch& watch) {
    for (const std::string& text : texts) {
      watch.check();
      tokenize_from(text);
    }
  });
  return tokenized;
}

// What PyLate's tokenizer pads with.
TokenId padding_id(const Tokenizer& tokenizer) {
  return tokenizer.mask_id().value_or(tokenizer.eos_id().value_or(tokenizer.pad_id().value_or(0)));
}

/// input_ids and attention_mask [n, L], padded with [MASK] to the longest text or to the model's
/// length, as PyLate's tokenize().
nb::tuple tokenize(Model& self, const Texts& texts, bool is_query, bool pad,
                   const EncodeOptions& options) {
  const std::shared_ptr<ColBERT> model = self.get();
  const auto tokenized = tokenize_all(*model, texts, kind_of(is_query), options);
  size_t length = 0;
  for (const TokenizedText& text : tokenized) {
    length = std::max(length, pad ? text.max_length : text.ids.size());
  }
  std::vector<int64_t> ids(texts.size() * length, padding_id(model->tokenizer()));
  std::vector<int64_t> mask(texts.size() * length, 0);
  const bool attends_to_all = is_query && model->settings().attend_to_expansion_tokens;
  for (size_t i = 0; i < tokenized.size(); ++i) {
    std::copy(tokenized[i].ids.begin(), tokenized[i].ids.end(),
              ids.begin() + static_cast<std::ptrdiff_t>(i * length));
    const size_t attended = attends_to_all ? length : tokenized[i].num_attended;
    std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(i * length), attended, 1);
  }
  return nb::make_tuple(to_numpy(std::move(ids), {texts.size(), length}),
                        to_numpy(std::move(mask), {texts.size(), length}));
}

/// (ids, attention mask, whether encode() keeps the row) of each text, arrays [rows].
nb::list tokenize_rows(Model& self, const Texts& texts, bool is_query,
                       const EncodeOptions& options) {
  const std::shared_ptr<ColBERT> model = self.get();
  const bool attends_to_all = is_query && model->settings().attend_to_expansion_tokens;
  nb::list result;
  for (const TokenizedText& tokenized : tokenize_all(*model, texts, kind_of(is_query), options)) {
    const size_t rows = tokenized.ids.size();
    std::vector<int64_t> mask(rows, 0);
    std::fill_n(mask.begin(), attends_to_all ? rows : tokenized.num_real, 1);
    std::vector<uint8_t> keep = tokenized.keep;
    std::vector<int64_t> ids(tokenized.ids.begin(), tokenized.ids.end());
    result.append(nb::make_tuple(to_numpy(std::move(ids), {rows}),
                                 to_numpy(std::move(mask), {rows}),
                                 to_numpy(std::move(keep), {rows})));
  }
  return result;
}

nb::dict settings(Model& self) {
  const ColbertSettings& settings = self.get()->settings();
  nb::dict result;
  result["query_prefix"] = settings.query_prefix;
  result["document_prefix"] = settings.document_prefix;
  result["query_length"] = settings.query_length;
  result["document_length"] = settings.document_length;
  result["do_query_expansion"] = settings.do_query_expansion;
  result["attend_to_expansion_tokens"] = settings.attend_to_expansion_tokens;
  result["skiplist_words"] = settings.skiplist_words;
  result["prompts"] = settings.prompts;
  result["default_prompt_name"] = settings.default_prompt_name;
  result["do_lower_case"] = settings.do_lower_case;
  return result;
}

nb::list describe_rows(Model& self, const std::string& text, bool is_query) {
  nb::list rows;
  for (const RowDescription& row : self.get()->describe_rows(text, kind_of(is_query))) {
    rows.append(nb::make_tuple(row.id, row.token, row.bytes.begin, row.bytes.end));
  }
  return rows;
}

std::vector<std::string> save(Model& self, const std::string& folder) {
  const std::shared_ptr<ColBERT> model = self.get();
  const nb::gil_scoped_release released;
  return write_checkpoint(model->checkpoint(), folder);
}

nb::list pool_embeddings(nb::handle documents, size_t pool_factor, size_t protected_tokens) {
  const Embeddings embeddings = to_embeddings(documents, "documents_embeddings");
  Embeddings pooled{.dim = embeddings.dim};
  run_in_parts(embeddings.size(), kPooledPerPart, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const std::vector<float> rows =
          pool_rows(embeddings.matrix(i), pool_factor, protected_tokens);
      pooled.append({rows.data(), rows.size() / embeddings.dim, embeddings.dim});
    }
  });
  return to_list(std::move(pooled));
}

void bind_options(nb::module_& module) {
  nb::class_<CheckpointOptions>(module, "CheckpointOptions")
      .def(nb::init<>())
      .def_rw("query_prefix", &CheckpointOptions::query_prefix)
      .def_rw("document_prefix", &CheckpointOptions::document_prefix)
      .def_rw("query_length", &CheckpointOptions::query_length)
      .def_rw("document_length", &CheckpointOptions::document_length)
      .def_rw("do_query_expansion", &CheckpointOptions::do_query_expansion)
      .def_rw("attend_to_expansion_tokens", &CheckpointOptions::attend_to_expansion_tokens)
      .def_rw("skiplist_words", &CheckpointOptions::skiplist_words)
      .def_rw("embedding_size", &CheckpointOptions::embedding_size)
      .def_rw("bias", &CheckpointOptions::bias);
  nb::class_<EncodeOptions>(module, "EncodeOptions")
      .def(
          "__init__",
          [](EncodeOptions* self, std::optional<std::string> prompt, bool normalize_embeddings,
             size_t pool_factor, size_t protected_tokens, bool apply_skiplist) {
            std::construct_at(self, EncodeOptions{.prompt = std::move(prompt),
                                                  .normalize_embeddings = normalize_embeddings,
                                                  .pool_factor = pool_factor,
                                                  .protected_tokens = protected_tokens,
                                                  .apply_skiplist = apply_skiplist});
          },
          "prompt"_a = nb::none(), "normalize_embeddings"_a = true, "pool_factor"_a = 1,
          "protected_tokens"_a = 1, "apply_skiplist"_a = true)
      .def_rw("apply_skiplist", &EncodeOptions::apply_skiplist);
}

}  // namespace

void bind_model(nb::module_& module) {
  bind_options(module);
  module.def("pool_embeddings", &pool_embeddings, "documents_embeddings"_a, "pool_factor"_a,
             "protected_tokens"_a, "Each document's rows clustered, a list of arrays.");
  nb::class_<Model>(module, "Model", "A model folder, loaded. maxsimd.models.ColBERT is its face.")
      .def(
          "__init__",
          [](Model* self, const std::string& folder, const CheckpointOptions& checkpoint,
             size_t num_threads, const std::string& precision) {
            const kernels::Isa isa = kernels::best_isa();
            std::construct_at(self, folder,
                              ColbertOptions{.checkpoint = checkpoint,
                                             .num_threads = num_threads,
                                             .isa = isa,
                                             .precision = precision_of(precision, isa)});
          },
          "folder"_a, "checkpoint"_a, "num_threads"_a = 0, "precision"_a = "f32")
      .def("encode", &encode, "texts"_a, "is_query"_a, "options"_a, "progress"_a = nb::none(),
           "A list of float32 arrays [rows, dim], one a text.")
      .def("tokenize", &tokenize, "texts"_a, "is_query"_a, "pad"_a, "options"_a,
           "(input_ids, attention_mask), int64 [texts, length].")
      .def("tokenize_rows", &tokenize_rows, "texts"_a, "is_query"_a, "options"_a,
           "(input ids, attention mask, kept) of each text, arrays [rows].")
      .def("settings", &settings)
      .def("check_folder", &Model::check_folder,
           "Raises IoError where the folder is not what the model was loaded from.")
      .def("describe_rows", &describe_rows, "text"_a, "is_query"_a,
           "(token id, token, first byte, end byte) of each row that encode() keeps of a text.")
      .def(
          "save", &save, "folder"_a,
          "Writes the model in PyLate's layout; returns notes. The folder must be absent or empty.")
      .def("token_to_id",
           [](Model& self, const std::string& token) {
             return self.get()->tokenizer().token_to_id(token);
           })
      .def("id_to_token",
           [](Model& self, TokenId id) { return self.get()->tokenizer().id_to_token(id); })
      .def("fingerprint", [](Model& self) { return model_fingerprint(*self.get()); })
      .def_prop_ro("dim", [](Model& self) { return self.get()->dim(); })
      .def_prop_ro("padding_id", [](Model& self) { return padding_id(self.get()->tokenizer()); })
      .def_prop_ro("vocab_size", [](Model& self) { return self.get()->tokenizer().vocab_size(); })
      .def_prop_ro("num_threads", [](Model& self) { return self.get()->pool().num_threads(); })
      .def_prop_ro("precision",
                   [](Model& self) { return std::string(precision_name(self.get()->precision())); })
      .def_prop_ro("notes", [](Model& self) { return self.get()->notes(); });
}

}  // namespace maxsimd::python
