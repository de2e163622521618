#include "providers/local/engine/engine.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <openvino/openvino.hpp>
#include <stdexcept>
#include <string>

struct caprock_embed_session {
  ov::CompiledModel model;
  ov::InferRequest request;
  std::size_t dimension = 0;
};

namespace {

void report(char* error, const char* what) {
  std::strncpy(error, what, CAPROCK_EMBED_ERROR_SIZE - 1);
  error[CAPROCK_EMBED_ERROR_SIZE - 1] = '\0';
}

/// One for the process: it owns the plugins, and lives as long as the library.
ov::Core& core() {
  static ov::Core* const kCore = new ov::Core;  // never destroyed: sessions may be closed during exit
  return *kCore;
}

ov::element::Type precision_of(const std::string& name) {
  if (name == "f32") return ov::element::f32;
  if (name == "bf16") return ov::element::bf16;
  if (name == "f16") return ov::element::f16;
  throw std::invalid_argument("unknown precision " + name);
}

ov::AnyMap properties(const caprock_embed_options& options) {
  return {ov::hint::inference_precision(precision_of(options.precision)),
          ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::num_streams(1),
          ov::inference_num_threads(std::max(options.threads, 1)),
          ov::hint::enable_cpu_pinning(false)};  // other threads of ours share these cores
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int32_t caprock_embed_abi(void) { return CAPROCK_EMBED_ABI; }

__attribute__((visibility("default"))) caprock_embed_session* caprock_embed_open(
    const caprock_embed_options* options, char* error) {
  try {
    auto session = std::make_unique<caprock_embed_session>();
    session->model = core().compile_model(options->model, "CPU", properties(*options));
    session->request = session->model.create_infer_request();
    session->dimension =
        static_cast<std::size_t>(session->model.output().get_partial_shape()[1].get_length());
    return session.release();
  } catch (const std::exception& e) {
    report(error, e.what());
    return nullptr;
  }
}

__attribute__((visibility("default"))) size_t caprock_embed_dimension(const caprock_embed_session* session) {
  return session->dimension;
}

__attribute__((visibility("default"))) int32_t caprock_embed_run(caprock_embed_session* session,
                                                                 const int32_t* ids, const int32_t* mask,
                                                                 size_t batch, size_t length, float* out,
                                                                 char* error) {
  try {
    const ov::Shape shape{batch, length};
    // The tensors only look at the caller's memory, and only until infer() returns.
    session->request.set_tensor("ids", ov::Tensor(ov::element::i32, shape, const_cast<int32_t*>(ids)));
    session->request.set_tensor("mask", ov::Tensor(ov::element::i32, shape, const_cast<int32_t*>(mask)));
    session->request.infer();
    const ov::Tensor pooled = session->request.get_output_tensor();
    if (pooled.get_size() != batch * session->dimension)
      throw std::runtime_error("the model gave another shape");
    std::memcpy(out, pooled.data<float>(), pooled.get_byte_size());
    return 0;
  } catch (const std::exception& e) {
    report(error, e.what());
    return 1;
  }
}

__attribute__((visibility("default"))) void caprock_embed_close(caprock_embed_session* session) {
  delete session;
}

}  // extern "C"
