// caprock_convert: turns the weights of a packaged embedding model into OpenVINO IR in f16 and into
// the file of our own kernels. Runs at build time; nothing of it is installed.
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <openvino/openvino.hpp>

#include "providers/local/convert/bert_graph.h"
#include "providers/local/convert/int8_file.h"
#include "providers/local/convert/weights.h"

namespace {

namespace fs = std::filesystem;
using caprock::convert::BertWeights;

int convert(std::string_view kind, const fs::path& source, const fs::path& folder) {
  fs::create_directories(folder);
  BertWeights weights;
  if (kind == "minilm") {
    weights = caprock::convert::read_safetensors(source, 6, 12, 1e-12F);
  } else if (kind == "e5") {
    weights = caprock::convert::read_e5_pack(source);
    caprock::convert::extract_e5_tokenizer(source, folder / "unigram.bin");
  } else {
    std::cerr << "unknown model '" << kind << "': minilm or e5\n";
    return 2;
  }
  ov::save_model(caprock::convert::build_bert(weights), (folder / "f16.xml").string(),
                 /*compress_to_fp16=*/true);
  caprock::convert::write_int8(weights, folder / "int8.bert");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: caprock_convert minilm|e5 WEIGHTS FOLDER\n";
    return 2;
  }
  try {
    return convert(argv[1], argv[2], argv[3]);
  } catch (const std::exception& e) {
    std::cerr << "caprock_convert: " << e.what() << '\n';
    return 1;
  }
}
