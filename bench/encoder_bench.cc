// encoder_bench INT8.BERT: processor time of one text through the int8 kernels, on one thread, by its length.
#include <ctime>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <random>
#include <vector>

#include "providers/local/int8/encoder.h"

namespace {

using namespace caprock::providers::int8;

double thread_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Weights of the linear layers: the products of one token.
double products_of(const Header& h) {
  return static_cast<double>(h.layers) * h.hidden * (4.0 * h.hidden + 2.0 * h.intermediate);
}

boost::json::object measure(const std::shared_ptr<const PackedModel>& model, std::size_t tokens) {
  Encoder encoder(model);
  std::mt19937 random(1);
  std::vector<std::int32_t> text(tokens);
  for (auto& id : text) id = static_cast<std::int32_t>(random() % model->header().vocabulary);
  const std::vector<std::int32_t>* const texts[] = {&text};
  std::vector<float> out(encoder.dimension());
  constexpr int kRounds = 7;
  const std::size_t runs = 2000 / tokens + 1;
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = thread_milliseconds();
    for (std::size_t i = 0; i < runs; ++i)
      if (!encoder.run(texts, out)) throw std::runtime_error("the model could not be run");
    best = std::min(best, (thread_milliseconds() - start) / static_cast<double>(runs));
  }
  return {{"tokens", tokens},
          {"ms", best},
          {"products_per_ns", static_cast<double>(tokens) * products_of(model->header()) / best / 1e6}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !supported()) {
    std::cerr << "usage: encoder_bench INT8.BERT, on a processor with AVX512-VNNI\n";
    return 2;
  }
  const auto model = PackedModel::open(argv[1]);
  if (!model) {
    std::cerr << "encoder_bench: " << model.error().detail << '\n';
    return 1;
  }
  for (const std::size_t tokens : {4, 12, 22, 48, 120, 256})
    std::cout << boost::json::serialize(measure(*model, tokens)) << '\n';
  return 0;
}
