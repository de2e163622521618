#include "providers/local/engine_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <vector>

namespace caprock::providers {
namespace {

constexpr std::string_view kFile = "libcaprock_embed.so";

base::Error not_usable(std::string message, std::string detail) {
  return base::Error(base::ErrorKind::kUnavailable, std::move(message))
      .with_detail(std::move(detail))
      .with_origin({.component = "local embeddings"});
}

base::Error not_loaded(const char* reason) {
  return not_usable("the embedding model could not be loaded: the log says why", reason);
}

/// [texts, length] row-major, as the engine takes them.
struct PaddedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> mask;  ///< 1 = token, 0 = padding
};

PaddedBatch pad(Session::Texts texts, std::size_t length, std::int32_t padding) {
  PaddedBatch out;
  out.ids.assign(texts.size() * length, padding);
  out.mask.assign(out.ids.size(), 0);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto begin = static_cast<std::ptrdiff_t>(row * length);
    std::ranges::copy(*texts[row], out.ids.begin() + begin);
    std::fill_n(out.mask.begin() + begin, texts[row]->size(), 1);
  }
  return out;
}

template <class Function>
bool resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

std::string last_dl_error() {
  const char* text = ::dlerror();
  return text == nullptr ? "unknown" : text;
}

}  // namespace

base::Result<std::shared_ptr<const EngineLibrary>> EngineLibrary::open(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kFile;
  std::error_code error;
  if (folder.empty() || !std::filesystem::exists(file, error))
    return base::failure(not_usable(
        "local embeddings are not installed: lib/caprock/libcaprock_embed.so (component 'embeddings') is "
        "missing",
        "looked for " + (folder.empty() ? "lib/caprock/" + std::string(kFile) + " beside and above the binary"
                                        : file.string())));
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return base::failure(
        not_usable("libcaprock_embed.so could not be loaded: the log says why", last_dl_error()));
  std::shared_ptr<EngineLibrary> made(new EngineLibrary);
  decltype(&caprock_embed_abi) abi = nullptr;
  const bool complete = resolve(library, "caprock_embed_abi", abi) &&
                        resolve(library, "caprock_embed_open", made->open_) &&
                        resolve(library, "caprock_embed_dimension", made->dimension_) &&
                        resolve(library, "caprock_embed_run", made->run_) &&
                        resolve(library, "caprock_embed_close", made->close_);
  if (!complete || abi() != CAPROCK_EMBED_ABI)
    return base::failure(
        not_usable("libcaprock_embed.so is of another version than this program", file.string()));
  return made;
}

std::size_t padded_length(std::size_t tokens) {
  const std::size_t step = tokens <= 32 ? 4 : 8;
  return (tokens + step - 1) / step * step;
}

base::Result<std::unique_ptr<EngineSession>> EngineSession::open(std::shared_ptr<const EngineLibrary> library,
                                                                 const Options& options) {
  std::array<char, CAPROCK_EMBED_ERROR_SIZE> error{};
  const std::string model = options.model.string();
  const caprock_embed_options wanted{
      .model = model.c_str(), .precision = options.precision.c_str(), .threads = options.threads};
  auto* session = library->open_(&wanted, error.data());
  if (session == nullptr) return base::failure(not_loaded(error.data()));
  return std::unique_ptr<EngineSession>(new EngineSession(std::move(library), session, options.padding));
}

EngineSession::~EngineSession() { library_->close_(session_); }

std::size_t EngineSession::dimension() const { return library_->dimension_(session_); }

base::Result<void> EngineSession::run(Texts texts, std::span<float> out) {
  if (out.size() != texts.size() * dimension())
    return base::failure(base::internal_error("a batch does not have the shape it says"));
  std::size_t longest = 0;
  for (const auto* text : texts) longest = std::max(longest, text->size());
  const std::size_t length = padded_length(longest);
  const PaddedBatch batch = pad(texts, length, padding_);
  std::array<char, CAPROCK_EMBED_ERROR_SIZE> error{};
  if (library_->run_(session_, batch.ids.data(), batch.mask.data(), texts.size(), length, out.data(),
                     error.data()) != 0)
    return base::failure(base::internal_error("local embeddings: " + std::string(error.data())));
  return {};
}

}  // namespace caprock::providers
