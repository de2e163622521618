#include "rag/parse/office/package.h"

#include <zip.h>

#include <algorithm>

namespace caprock::rag::office {
namespace {

base::Error broken(const std::string& why) {
  return base::invalid_argument("content", "the Office document is broken: " + why);
}

constexpr std::size_t kStep = 256UL * 1024;

struct FileCloser {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

void Package::Closer::operator()(zip* archive) const { zip_discard(archive); }

base::Result<Package> Package::open(std::string_view bytes, std::size_t most_unpacked) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  const std::string why = zip_error_strerror(&error);
  zip_error_fini(&error);
  if (archive != nullptr) return Package(archive, most_unpacked);
  if (source != nullptr) zip_source_free(source);
  return base::failure(broken(why));
}

bool Package::has(const std::string& part) const {
  return zip_name_locate(archive_.get(), part.c_str(), 0) >= 0;
}

base::Result<std::string> Package::read(const std::string& part) {
  const std::unique_ptr<zip_file_t, FileCloser> file(zip_fopen(archive_.get(), part.c_str(), 0));
  if (file == nullptr) {
    const int code = zip_error_code_zip(zip_get_error(archive_.get()));
    if (code == ZIP_ER_NOPASSWD || code == ZIP_ER_WRONGPASSWD)
      return base::failure(base::invalid_argument(
          "content", "the document is protected by a password; remove it and add it again"));
    return base::failure(broken("its part " + part + " cannot be read"));
  }
  // The size in the directory is not believed: unpack step by step until the end or the limit.
  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kStep);
    const zip_int64_t got = zip_fread(file.get(), content.data() + before, kStep);
    if (got < 0) return base::failure(broken("its part " + part + " is damaged"));
    content.resize(before + static_cast<std::size_t>(got));
    if (content.size() > left_)
      return base::failure(
          {base::ErrorKind::kPayloadTooLarge,
           "the document unpacks to more than is read ([parse] max_text); it may be a ZIP bomb"});
    if (got == 0) break;
  }
  left_ -= content.size();
  return content;
}

base::Result<std::string> Package::read_optional(const std::string& part) {
  if (!has(part)) return std::string();
  return read(part);
}

}  // namespace caprock::rag::office
