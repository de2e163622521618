#pragma once

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "providers/local/int8/format.h"

namespace caprock::providers::int8::testing {

inline std::vector<float> random_floats(std::mt19937& random, std::size_t count, float spread = 1) {
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> out(count);
  for (float& x : out) x = normal(random);
  return out;
}

/// A linear layer of random bytes, with the plain weights beside it.
struct RandomLinear {
  RandomLinear(std::mt19937& random, std::size_t inputs, std::size_t outputs)
      : in(inputs), out(outputs), weights(in * out), panels(in * out), bias(random_floats(random, out)) {
    for (std::size_t o = 0; o < out; ++o) {
      scales.push_back(0.001F * static_cast<float>(1 + random() % 10));
      for (std::size_t i = 0; i < in; ++i) {
        const int byte = static_cast<int>(random() % 255) - 127;
        panels[panel_index(o, i, in)] = static_cast<std::uint8_t>(byte + kWeightOffset);
        weights[o * in + i] = static_cast<float>(byte) * scales.back();
      }
    }
  }
  LinearView view() const { return {panels.data(), scales.data(), bias.data(), in, out}; }

  std::size_t in;
  std::size_t out;
  std::vector<float> weights;  ///< [out, in]
  std::vector<std::uint8_t> panels;
  std::vector<float> scales;
  std::vector<float> bias;
};

/// The bytes of a small model, each array at its place.
class FileBuilder {
 public:
  explicit FileBuilder(const Header& header) {
    bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
  }
  template <class T>
  void array(const std::vector<T>& values) {
    bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment);
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void linear(const RandomLinear& layer) {
    array(layer.panels);
    array(layer.scales);
    array(layer.bias);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

inline Header small_header() {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.hidden = 64;
  header.heads = 2;
  header.layers = 2;
  header.intermediate = 128;
  header.vocabulary = 20;
  header.positions = 40;
  header.epsilon = 1e-12F;
  return header;
}

/// A whole model of random numbers.
inline std::string small_file(std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  const Header h = small_header();
  FileBuilder file(h);
  std::vector<std::int8_t> words(std::size_t{h.vocabulary} * h.hidden);
  for (auto& byte : words) byte = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  file.array(words);
  file.array(std::vector<float>(h.vocabulary, 0.01F));
  file.array(random_floats(random, std::size_t{h.positions} * h.hidden, 0.1F));
  const auto norm = [&] {
    file.array(random_floats(random, h.hidden, 0.5F));
    file.array(random_floats(random, h.hidden, 0.1F));
  };
  norm();
  for (std::uint32_t i = 0; i < h.layers; ++i) {
    file.linear({random, h.hidden, 3ULL * h.hidden});
    file.linear({random, h.hidden, h.hidden});
    norm();
    file.linear({random, h.hidden, h.intermediate});
    file.linear({random, h.intermediate, h.hidden});
    norm();
  }
  return file.bytes();
}

}  // namespace caprock::providers::int8::testing
