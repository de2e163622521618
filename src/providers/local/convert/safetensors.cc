#include <boost/json.hpp>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "providers/local/convert/weights.h"

namespace caprock::convert {
namespace {

/// A safetensors file: 8 bytes of header length, a JSON header, then the data that the offsets point into.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path) : bytes_(read_file(path)) {
    std::uint64_t header_length = 0;
    if (bytes_.size() < sizeof header_length) throw std::runtime_error(path.string() + ": too short");
    std::memcpy(&header_length, bytes_.data(), sizeof header_length);
    if (header_length > bytes_.size() - sizeof header_length)
      throw std::runtime_error(path.string() + ": cut short");
    header_ =
        boost::json::parse(std::string_view(bytes_).substr(sizeof header_length, header_length)).as_object();
    data_ = sizeof header_length + header_length;
  }

  Tensor tensor(const std::string& name) const {
    const auto* entry = header_.if_contains(name);
    if (entry == nullptr) throw std::runtime_error("tensor " + name + " is missing");
    if (entry->at("dtype").as_string() != "F32") throw std::runtime_error("tensor " + name + " is not F32");
    const auto& shape = entry->at("shape").as_array();
    Tensor out;
    out.columns = shape.back().to_number<std::size_t>();
    out.rows = shape.size() == 2 ? shape.front().to_number<std::size_t>() : 1;
    const auto begin = entry->at("data_offsets").at(0).to_number<std::size_t>();
    const auto end = entry->at("data_offsets").at(1).to_number<std::size_t>();
    if (end < begin || end - begin != out.rows * out.columns * sizeof(float) || data_ + end > bytes_.size())
      throw std::runtime_error("tensor " + name + " has wrong offsets");
    out.values.resize(out.rows * out.columns);
    std::memcpy(out.values.data(), bytes_.data() + data_ + begin, end - begin);
    return out;
  }

  Linear linear(const std::string& prefix) const {
    return {tensor(prefix + ".weight"), tensor(prefix + ".bias")};
  }
  LayerNorm norm(const std::string& prefix) const {
    return {tensor(prefix + ".weight"), tensor(prefix + ".bias")};
  }

 private:
  std::string bytes_;
  boost::json::object header_;
  std::size_t data_ = 0;
};

Layer read_layer(const SafetensorsFile& file, std::size_t index) {
  const std::string prefix = "encoder.layer." + std::to_string(index) + ".";
  Layer layer;
  layer.query = file.linear(prefix + "attention.self.query");
  layer.key = file.linear(prefix + "attention.self.key");
  layer.value = file.linear(prefix + "attention.self.value");
  layer.attention_out = file.linear(prefix + "attention.output.dense");
  layer.attention_norm = file.norm(prefix + "attention.output.LayerNorm");
  layer.intermediate = file.linear(prefix + "intermediate.dense");
  layer.output = file.linear(prefix + "output.dense");
  layer.output_norm = file.norm(prefix + "output.LayerNorm");
  return layer;
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::string bytes(std::filesystem::file_size(path), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) throw std::runtime_error("cannot read all of " + path.string());
  return bytes;
}

BertWeights read_safetensors(const std::filesystem::path& path, std::size_t layers, std::size_t heads,
                             float epsilon) {
  const SafetensorsFile file(path);
  BertWeights weights;
  weights.heads = heads;
  weights.epsilon = epsilon;
  weights.words = file.tensor("embeddings.word_embeddings.weight");
  weights.positions = file.tensor("embeddings.position_embeddings.weight");
  const Tensor types = file.tensor("embeddings.token_type_embeddings.weight");
  const std::size_t hidden = weights.positions.columns;
  for (std::size_t i = 0; i < weights.positions.values.size(); ++i)
    weights.positions.values[i] += types.values[i % hidden];
  weights.embedding_norm = file.norm("embeddings.LayerNorm");
  for (std::size_t i = 0; i < layers; ++i) weights.layers.push_back(read_layer(file, i));
  return weights;
}

}  // namespace caprock::convert
