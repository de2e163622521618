#include "providers/local/convert/int8_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "providers/local/int8/format.h"

namespace caprock::convert {
namespace {

namespace int8 = providers::int8;

struct Int8Rows {
  std::vector<std::int8_t> values;
  std::vector<float> scales;  ///< one a row
};

/// Symmetric, each row by its largest magnitude.
Int8Rows quantise_rows(const Tensor& tensor) {
  Int8Rows out;
  out.values.reserve(tensor.values.size());
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    const auto* first = tensor.values.data() + r * tensor.columns;
    float largest = 0;
    for (std::size_t c = 0; c < tensor.columns; ++c) largest = std::max(largest, std::fabs(first[c]));
    const float scale = largest > 0 ? largest / 127.0F : 1.0F;
    for (std::size_t c = 0; c < tensor.columns; ++c)
      out.values.push_back(static_cast<std::int8_t>(std::lround(first[c] / scale)));
    out.scales.push_back(scale);
  }
  return out;
}

void append(Tensor& to, const Tensor& more) {
  to.rows += more.rows;
  to.values.insert(to.values.end(), more.values.begin(), more.values.end());
}

/// Query, key and value side by side: they read the same input.
Linear joined(const Layer& layer) {
  Linear all = layer.query;
  for (const Linear* next : {&layer.key, &layer.value}) {
    append(all.weight, next->weight);
    all.bias.columns += next->bias.columns;
    all.bias.values.insert(all.bias.values.end(), next->bias.values.begin(), next->bias.values.end());
  }
  return all;
}

class Writer {
 public:
  explicit Writer(const std::filesystem::path& path) : path_(path), file_(path, std::ios::binary) {}

  void header(const int8::Header& header) { write(&header, sizeof header); }
  template <class T>
  void array(const std::vector<T>& values) {
    static constexpr char kZeros[int8::kAlignment] = {};
    write(kZeros, (int8::kAlignment - at_ % int8::kAlignment) % int8::kAlignment);
    write(values.data(), values.size() * sizeof(T));
  }
  void norm(const LayerNorm& norm) {
    array(norm.gain.values);
    array(norm.bias.values);
  }
  void linear(const Linear& layer) {
    const Tensor& weight = layer.weight;
    const Int8Rows rows = quantise_rows(weight);
    std::vector<std::uint8_t> panels(rows.values.size());
    for (std::size_t out = 0; out < weight.rows; ++out)
      for (std::size_t in = 0; in < weight.columns; ++in)
        panels[int8::panel_index(out, in, weight.columns)] =
            static_cast<std::uint8_t>(rows.values[out * weight.columns + in] + int8::kWeightOffset);
    array(panels);
    array(rows.scales);
    array(layer.bias.values);
  }
  void close() {
    if (!file_.flush()) throw std::runtime_error("cannot write " + path_.string());
  }

 private:
  void write(const void* bytes, std::size_t count) {
    file_.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
    at_ += count;
  }
  std::filesystem::path path_;
  std::ofstream file_;
  std::size_t at_ = 0;
};

int8::Header header_of(const BertWeights& weights) {
  int8::Header header{};
  std::memcpy(header.magic, int8::kMagic, sizeof header.magic);
  header.hidden = static_cast<std::uint32_t>(weights.words.columns);
  header.heads = static_cast<std::uint32_t>(weights.heads);
  header.layers = static_cast<std::uint32_t>(weights.layers.size());
  header.intermediate = static_cast<std::uint32_t>(weights.layers.front().intermediate.weight.rows);
  header.vocabulary = static_cast<std::uint32_t>(weights.words.rows);
  header.positions = static_cast<std::uint32_t>(weights.positions.rows);
  header.epsilon = weights.epsilon;
  return header;
}

}  // namespace

void write_int8(const BertWeights& weights, const std::filesystem::path& path) {
  Writer writer(path);
  writer.header(header_of(weights));
  const Int8Rows words = quantise_rows(weights.words);
  writer.array(words.values);
  writer.array(words.scales);
  writer.array(weights.positions.values);
  writer.norm(weights.embedding_norm);
  for (const Layer& layer : weights.layers) {
    writer.linear(joined(layer));
    writer.linear(layer.attention_out);
    writer.norm(layer.attention_norm);
    writer.linear(layer.intermediate);
    writer.linear(layer.output);
    writer.norm(layer.output_norm);
  }
  writer.close();
}

}  // namespace caprock::convert
