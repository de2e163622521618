#include "providers/local/int8/encoder.h"

#include <algorithm>

namespace caprock::providers::int8 {
namespace {

/// Tokens that go through the layers together, if no text is longer: their rows then stay in the second-level
/// cache (a megabyte) while a layer's weights come by, and the weights are read often enough to be worth it.
constexpr std::size_t kPassTokens = 256;

std::size_t tokens_in(Session::Texts texts) {
  std::size_t tokens = 0;
  for (const auto* text : texts) tokens += text->size();
  return tokens;
}

}  // namespace

QuantisedRows Encoder::Quantised::view(std::size_t width) {
  return {
      .values = values.data(), .scales = scales.data(), .corrections = corrections.data(), .width = width};
}

void Encoder::Quantised::fit(std::size_t rows, std::size_t width) {
  values.resize(std::max(values.size(), rows * width));
  scales.resize(std::max(scales.size(), rows * width / kGroup));
  corrections.resize(std::max(corrections.size(), rows * width / kGroup));
}

Encoder::Encoder(std::shared_ptr<const PackedModel> model) : model_(std::move(model)) {}

base::Result<void> Encoder::check(Texts texts, std::span<float> out) const {
  const Header& h = model_->header();
  if (out.size() != texts.size() * h.hidden)
    return base::failure(base::internal_error("a batch does not have the shape it says"));
  for (const auto* text : texts) {
    const bool known = std::ranges::all_of(
        *text, [&](std::int32_t id) { return id >= 0 && static_cast<std::uint32_t>(id) < h.vocabulary; });
    if (text->empty() || text->size() > h.positions || !known)
      return base::failure(base::internal_error("a text has tokens that the embedding model does not know"));
  }
  return {};
}

base::Result<void> Encoder::run(Texts texts, std::span<float> out) {
  CAPROCK_CHECK(check(texts, out));
  while (!texts.empty()) {
    std::size_t count = 1;
    std::size_t tokens = texts.front()->size();
    while (count < texts.size() && tokens + texts[count]->size() <= kPassTokens)
      tokens += texts[count++]->size();
    pass(texts.first(count), out.first(count * dimension()));
    texts = texts.subspan(count);
    out = out.subspan(count * dimension());
  }
  return {};
}

void Encoder::fit(std::size_t tokens, std::size_t longest) {
  const Header& h = model_->header();
  const auto grow = [](std::vector<float>& memory, std::size_t size) {
    memory.resize(std::max(memory.size(), size));
  };
  grow(x_, tokens * h.hidden);
  grow(wide_, tokens * 3 * h.hidden);
  grow(context_, tokens * h.hidden);
  grow(tile_, tokens * kGroup);
  grow(scratch_, attend_scratch(longest));
  narrow_rows_.fit(tokens, h.hidden);
  wide_rows_.fit(tokens, h.intermediate);
}

void Encoder::embed(Texts texts) {
  const std::size_t hidden = dimension();
  float* row = x_.data();
  for (const auto* text : texts)
    for (std::size_t at = 0; at < text->size(); ++at, row += hidden) {
      const auto id = static_cast<std::size_t>((*text)[at]);
      embed_word(model_->word(id), model_->word_scale(id), model_->position(at), hidden, row);
    }
}

void Encoder::layer(const LayerView& layer, Texts texts, std::size_t rows) {
  const Header& h = model_->header();
  const QuantisedRows in = narrow_rows_.view(h.hidden);
  const QuantisedRows wide = wide_rows_.view(h.intermediate);
  quantise(x_.data(), rows, in);
  linear(in, rows, layer.query_key_value, wide_.data());
  std::size_t first = 0;
  for (const auto* text : texts) {
    attend(wide_.data() + first * 3 * h.hidden, text->size(), h.heads, context_.data() + first * h.hidden,
           scratch_.data());
    first += text->size();
  }
  quantise(context_.data(), rows, in);
  linear_add(in, rows, layer.attention_out, x_.data());
  normalise_rows(x_.data(), rows, h.hidden, layer.attention_norm, h.epsilon);
  quantise(x_.data(), rows, in);
  linear_gelu(in, rows, layer.wide, wide, tile_.data());
  linear_add(wide, rows, layer.narrow, x_.data());
  normalise_rows(x_.data(), rows, h.hidden, layer.output_norm, h.epsilon);
}

void Encoder::pass(Texts texts, std::span<float> out) {
  const Header& h = model_->header();
  const std::size_t rows = tokens_in(texts);
  fit(rows, (*std::ranges::max_element(texts, {}, [](const auto* text) { return text->size(); }))->size());
  embed(texts);
  normalise_rows(x_.data(), rows, h.hidden, model_->embedding_norm(), h.epsilon);
  for (const LayerView& one : model_->layers()) layer(one, texts, rows);
  const float* row = x_.data();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    mean_rows(row, texts[i]->size(), h.hidden, out.data() + i * h.hidden);
    row += texts[i]->size() * h.hidden;
  }
}

}  // namespace caprock::providers::int8
