#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>

#include "server/server_fixture.h"
#include "server/tls.h"

namespace caprock::server {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

// A self-signed certificate for `name`, written as PEM files.
void issue(const std::string& name, const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");  // EVP_EC_gen casts const away
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

class ServerTlsTest : public ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    folder_ = std::filesystem::temp_directory_path() / ("caprock-tls-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    settings_.tls_certificate = folder_ / "cert.pem";
    settings_.tls_key = folder_ / "key.pem";
    issue("first", settings_.tls_certificate, settings_.tls_key);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The answer to GET /hello, and the subject of the certificate that was shown.
  std::pair<std::string, std::string> get(int newest_version = TLS1_3_VERSION) const {
    asio::io_context loop;
    ssl::context context(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), newest_version);
    SSL_CTX_set_security_level(context.native_handle(), 0);
    ssl::stream<asio::ip::tcp::socket> stream(loop, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port()});
    stream.handshake(ssl::stream_base::client);
    X509* shown = SSL_get1_peer_certificate(stream.native_handle());
    std::string subject(100, '\0');
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, subject.data(), 100);
    X509_free(shown);
    asio::write(stream, asio::buffer(std::string_view("GET /big/3 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                                      "GET /hello HTTP/1.1\r\nHost: localhost\r\n"
                                                      "Connection: close\r\n\r\n")));
    std::string answer;
    boost::system::error_code ec;
    asio::read(stream, asio::dynamic_buffer(answer), ec);
    return {answer, subject.c_str()};
  }

  std::filesystem::path folder_;
};

TEST_F(ServerTlsTest, Versions12And13_AreSpoken) {
  serve();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto [answer, subject] = get(version);
    EXPECT_TRUE(answer.ends_with("hello")) << answer.substr(0, 300);
    EXPECT_GT(answer.size(), 300'000U);
    EXPECT_EQ(subject, "first");
  }
  EXPECT_THROW(get(TLS1_1_VERSION), boost::system::system_error);
}

TEST_F(ServerTlsTest, Reload_ShowsTheNewCertificateAndABadOneChangesNothing) {
  serve();
  issue("second", settings_.tls_certificate, settings_.tls_key);
  ASSERT_TRUE(server_->reload_certificate());
  EXPECT_EQ(get().second, "second");
  std::ofstream(settings_.tls_certificate) << "no certificate";
  const auto failed = server_->reload_certificate();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().field, "server.tls_certificate");
  EXPECT_EQ(get().second, "second");
}

TEST_F(ServerTlsTest, ClientThatLeaves_StopsItsRequest) {
  serve();
  {
    asio::io_context loop;
    ssl::context context(ssl::context::tls_client);
    ssl::stream<asio::ip::tcp::socket> stream(loop, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port()});
    stream.handshake(ssl::stream_base::client);
    asio::write(stream, asio::buffer(std::string_view("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    waiting_.get_future().wait();
  }
  EXPECT_EQ(end_of_wait(), StopCause::kClientGone);
}

TEST_F(ServerTlsTest, SilentClient_IsGivenUp) {
  settings_.header_timeout = std::chrono::milliseconds(40);
  serve();
  TestClient client(port());
  EXPECT_EQ(client.all(), "");
  EXPECT_FALSE(client.timed_out());
}

TEST_F(ServerTlsTest, KeyOfAnotherCertificate_IsRefusedAtStart) {
  issue("other", folder_ / "other.pem", settings_.tls_key);
  const auto loaded = load_tls(settings_.tls_certificate, settings_.tls_key, true);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().field, "server.tls_key");
}

}  // namespace
}  // namespace caprock::server
