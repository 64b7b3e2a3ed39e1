#include "maxsimd/colbert/window_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/colbert/pooling.h"

namespace maxsimd {
namespace {

constexpr size_t kTextsPerTask = 16;  // tokenized together

size_t kept_rows(const TokenizedText& text) {
  return static_cast<size_t>(std::count(text.keep.begin(), text.keep.end(), uint8_t{1}));
}

}  // namespace

WindowEncoder::WindowEncoder(const EncodingParts& parts, TextKind kind,
                             const EncodeOptions& options, std::function<void(size_t done)> on_done)
    : parts_(parts),
      kind_(kind),
      prompt_(chosen_prompt(parts.rules.settings(), kind, options)),
      normalize_embeddings_(options.normalize_embeddings),
      pool_factor_(kind == TextKind::document ? options.pool_factor : 1),
      protected_tokens_(options.protected_tokens),
      apply_skiplist_(options.apply_skiplist),
      on_done_(std::move(on_done)),
      workspaces_(parts.pool.num_threads()) {
  if (options.pool_factor == 0) {
    throw std::invalid_argument("pool_factor: expected at least 1, got 0");
  }
}

std::vector<TokenizedText> WindowEncoder::encode(std::span<const TokenizedText> window,
                                                 Embeddings& out,
                                                 std::span<const std::string> next) {
  const size_t first_item = out.size();
  for (const TokenizedText& text : window) {
    out.offsets.push_back(out.offsets.back() + kept_rows(text));
  }
  out.dim = parts_.projection.out_features();
  out.values.resize(out.num_tokens() * out.dim);
  std::vector<TokenizedText> tokenized(next.size());
  run_tasks(window, out, first_item, next, tokenized);
  if (pool_factor_ > 1) pool_documents(out, first_item);
  first_text_ += window.size();
  return tokenized;
}

void WindowEncoder::run_tasks(std::span<const TokenizedText> window, Embeddings& out,
                              size_t first_item, std::span<const std::string> next,
                              std::vector<TokenizedText>& tokenized) {
  std::vector<size_t> lengths;
  lengths.reserve(window.size());
  for (const TokenizedText& text : window) lengths.push_back(text.ids.size());
  const ChunkPlan plan = plan_chunks(lengths, parts_.pool.num_threads());
  const auto encode_one = [&](const Chunk& chunk, size_t worker) {
    float* rows = out.values.data() + out.offsets[first_item + chunk.begin] * out.dim;
    encode_chunk(window, chunk, workspaces_[worker], rows);
  };
  const auto tokenize_some = [&](size_t begin) {
    const size_t end = std::min(begin + kTextsPerTask, next.size());
    for (size_t i = begin; i < end; ++i) {
      tokenized[i] = parts_.rules.apply(parts_.tokenizer, next[i], prompt_, kind_, false);
      if (!apply_skiplist_) std::ranges::fill(tokenized[i].keep, 1);
    }
  };
  const size_t num_single = plan.single.size();
  const size_t num_tokenize = (next.size() + kTextsPerTask - 1) / kTextsPerTask;
  parts_.pool.parallel_for(num_single + num_tokenize, [&](size_t task, size_t worker) {
    if (task < num_single) {
      encode_one(plan.single[task], worker);
    } else {
      tokenize_some((task - num_single) * kTextsPerTask);
    }
  });
  for (const Chunk& chunk : plan.shared) encode_one(chunk, 0);
}

// Writes the kept rows of a chunk's texts to out, one text after another.
void WindowEncoder::encode_chunk(std::span<const TokenizedText> window, const Chunk& chunk,
                                 Workspace& workspace, float* out) {
  const auto texts = window.subspan(chunk.begin, chunk.end - chunk.begin);
  workspace.ids.clear();
  workspace.sequences.clear();
  workspace.keep.clear();
  for (const TokenizedText& text : texts) {
    if (text.ids.empty()) continue;  // a text of no tokens has no rows
    workspace.sequences.push_back({workspace.ids.size(), text.ids.size(), text.num_attended});
    workspace.ids.insert(workspace.ids.end(), text.ids.begin(), text.ids.end());
    workspace.keep.insert(workspace.keep.end(), text.keep.begin(), text.keep.end());
  }
  if (!workspace.ids.empty()) {
    const MatrixView<const float> hidden = parts_.encoder.forward(
        {workspace.ids, workspace.sequences}, workspace.encoder, parts_.pool);
    const MatrixView<float> rows =
        parts_.projection.apply(hidden, workspace.keep, workspace.projection);
    if (normalize_embeddings_) {
      kernels::kernel_table(parts_.isa).normalize_rows(rows.data, rows.cols, rows.rows, rows.cols);
    }
    check_finite(texts, first_text_ + chunk.begin, rows);
    std::memcpy(out, rows.data, rows.size() * sizeof(float));
  }
  tell(texts.size());
}

void WindowEncoder::check_finite(std::span<const TokenizedText> texts, size_t first_text,
                                 MatrixView<const float> rows) const {
  const float* row = rows.data;
  for (size_t t = 0; t < texts.size(); ++t) {
    const float* end = row + kept_rows(texts[t]) * rows.cols;
    if (!std::all_of(row, end, [](float v) { return std::isfinite(v); })) {
      throw FormatError("encoding text " + std::to_string(first_text + t) +
                        ": a vector is not finite; the model's weights are damaged or overflow");
    }
    row = end;
  }
}

void WindowEncoder::tell(size_t texts) {
  if (!on_done_) return;
  const std::lock_guard lock(done_mutex_);
  done_ += texts;
  on_done_(done_);
}

void WindowEncoder::pool_documents(Embeddings& all, size_t first) const {
  std::vector<std::vector<float>> pooled(all.size() - first);
  parts_.pool.parallel_for(pooled.size(), [&](size_t i, size_t) {
    pooled[i] = pool_rows(all.matrix(first + i), pool_factor_, protected_tokens_);
  });
  all.offsets.resize(first + 1);
  all.values.resize(all.num_tokens() * all.dim);
  for (const std::vector<float>& rows : pooled) {
    all.append({rows.data(), rows.size() / all.dim, all.dim});
  }
}

}  // namespace maxsimd
