#include "server/keys/master_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "base/trace.h"

namespace caprock::server {
namespace {

using base::failure;
using base::Result;

constexpr std::size_t kKeyBytes = 32;
// A sealed text is a version, a random nonce, the ciphertext and the tag. Random nonces of 96 bits are good
// for 2^32 texts a key (NIST SP 800-38D §8.3), far above any number of issued keys.
constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kOverhead = 1 + kNonceBytes + kTagBytes;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes(const char* text) { return reinterpret_cast<const unsigned char*>(text); }

void must(int done) {
  if (done != 1) throw std::runtime_error("OpenSSL cannot do AES-256-GCM");
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

base::Error unusable(const std::filesystem::path& file, std::string_view what, int reason) {
  return {base::ErrorKind::kUnavailable,
          fmt::format("the master key {} {}: {}", file.string(), what, std::strerror(reason))};
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> sync_folder_of(const std::filesystem::path& file) {
  const File folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0)
    return failure(unusable(file, "cannot be made durable", errno));
  return {};
}

}  // namespace

base::SettingsSection KeySettings::describe() {
  return {
      .name = "keys",
      .help = "Keys that are issued to callers",
      .settings = {{"master_key", &master_key,
                    "64 hex digits that seal the secrets of issued SigV4 keys; empty: the file master.key "
                    "of the data folder, made with the first key"}}};
}

Result<MasterKey> MasterKey::parse(const base::Secret& hex) {
  std::string_view text = hex.reveal();
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  std::string out;
  out.reserve(kKeyBytes);
  for (std::size_t i = 0; i + 1 < text.size() && out.size() < kKeyBytes; i += 2) {
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) break;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  base::Secret key(std::move(out));
  if (key.reveal().size() != kKeyBytes || text.size() != 2 * kKeyBytes)
    return failure(base::invalid_argument(
        "keys.master_key", "a master key is 64 hex digits, as `openssl rand -hex 32` makes them"));
  return MasterKey(std::move(key));
}

Result<std::optional<MasterKey>> MasterKey::load(const std::filesystem::path& file) {
  const File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (opened.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return failure(unusable(file, "cannot be read", errno));
  }
  struct stat about{};
  if (::fstat(opened.get(), &about) != 0) return failure(unusable(file, "cannot be read", errno));
  if ((about.st_mode & 077U) != 0)
    return failure(
        base::Error(base::ErrorKind::kPermissionDenied,
                    fmt::format("the master key {0} can be read by others than its owner: chmod 600 {0}",
                                file.string())));
  std::string text(128, '\0');
  const ssize_t got = ::read(opened.get(), text.data(), text.size());
  if (got < 0) return failure(unusable(file, "cannot be read", errno));
  text.resize(static_cast<std::size_t>(got));
  auto key = parse(base::Secret(std::move(text)));
  if (!key)
    return failure(base::Error(
        base::ErrorKind::kInvalidArgument,
        fmt::format("the master key {} is not 64 hex digits: put its backup in place", file.string())));
  return std::move(*key);
}

Result<MasterKey> MasterKey::create(const std::filesystem::path& file) {
  const base::Secret hex(base::random_hex(kKeyBytes));
  // Whole under another name first: a crash must not leave half a key that then counts as the key.
  const std::filesystem::path partial = file.string() + ".new";
  ::unlink(partial.c_str());
  {
    const File made(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (made.get() < 0) return failure(unusable(file, "cannot be made", errno));
    const std::string& text = hex.reveal();
    if (::write(made.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(made.get()) != 0)
      return failure(unusable(file, "cannot be written", errno));
  }
  // link() does not replace what is there, unlike rename().
  const int linked = ::link(partial.c_str(), file.c_str());
  const int why = errno;
  ::unlink(partial.c_str());
  if (linked != 0) {
    if (why == EEXIST)
      return failure(base::Error(base::ErrorKind::kConflict,
                                 fmt::format("the master key {} exists already", file.string())));
    return failure(unusable(file, "cannot be made", why));
  }
  CAPROCK_CHECK(sync_folder_of(file));
  return parse(hex);
}

std::string MasterKey::seal(std::string_view text, std::string_view label) const {
  std::string out(text.size() + kOverhead, '\0');
  out[0] = kVersion;
  unsigned char* nonce = bytes(out.data() + 1);
  unsigned char* body = nonce + kNonceBytes;
  must(RAND_bytes(nonce, kNonceBytes));
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int length = 0;
  must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(bytes_.reveal().data()), nonce));
  must(
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes(label.data()), static_cast<int>(label.size())));
  must(EVP_EncryptUpdate(cipher.get(), body, &length, bytes(text.data()), static_cast<int>(text.size())));
  must(EVP_EncryptFinal_ex(cipher.get(), body + length, &length));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + text.size()));
  return out;
}

std::optional<base::Secret> MasterKey::open(std::string_view sealed, std::string_view label) const {
  if (sealed.size() < kOverhead || sealed[0] != kVersion) return std::nullopt;
  const unsigned char* nonce = bytes(sealed.data() + 1);
  const std::string_view body = sealed.substr(1 + kNonceBytes, sealed.size() - kOverhead);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string out(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int length = 0;
  must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(bytes_.reveal().data()), nonce));
  must(
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes(label.data()), static_cast<int>(label.size())));
  must(EVP_DecryptUpdate(cipher.get(), bytes(out.data()), &length, bytes(body.data()),
                         static_cast<int>(body.size())));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()));
  base::Secret text(std::move(out));
  // Nothing of the text may be used before the tag has been found right.
  if (EVP_DecryptFinal_ex(cipher.get(), nullptr, &length) != 1) return std::nullopt;
  return text;
}

}  // namespace caprock::server
