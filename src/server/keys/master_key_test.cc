#include "server/keys/master_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "stores/testing/temporary_folder.h"

namespace caprock::server {
namespace {

MasterKey key(char digit) { return MasterKey::parse(base::Secret(std::string(64, digit))).value(); }

TEST(MasterKey, SealedText_OpensOnlyUnderItsKeyAndLabel) {
  const std::string sealed = key('1').seal("secret", "label");
  EXPECT_EQ(key('1').open(sealed, "label")->reveal(), "secret");
  EXPECT_FALSE(key('2').open(sealed, "label"));
  EXPECT_FALSE(key('1').open(sealed, "other"));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_NE(sealed, key('1').seal("secret", "label")) << "the nonce must differ";
}

TEST(MasterKey, SealedText_WithAnyByteChangedOrMissing_DoesNotOpen) {
  const std::string sealed = key('1').seal("secret", "label");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(key('1').open(changed, "label")) << i;
    EXPECT_FALSE(key('1').open(sealed.substr(0, i), "label")) << i;
  }
}

TEST(MasterKey, Parse_AnythingBut64HexDigits_IsRefused) {
  for (const std::string& text :
       {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')})
    EXPECT_EQ(MasterKey::parse(base::Secret(text)).error().field, "keys.master_key") << text;
}

TEST(MasterKey, File_IsPrivateAndReadBack) {
  const stores::testing::TemporaryFolder folder;
  const std::string file = folder.file("master.key");
  EXPECT_FALSE(MasterKey::load(file).value());
  const MasterKey made = MasterKey::create(file).value();
  struct stat about{};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600);
  EXPECT_TRUE(MasterKey::load(file).value()->open(made.seal("x", "l"), "l"));
  EXPECT_EQ(MasterKey::create(file).error().kind, base::ErrorKind::kConflict);
}

TEST(MasterKey, File_ReadableByOthersOrCut_IsRefused) {
  const stores::testing::TemporaryFolder folder;
  const std::string file = folder.file("master.key");
  ASSERT_TRUE(MasterKey::create(file));
  ::chmod(file.c_str(), 0640);
  EXPECT_EQ(MasterKey::load(file).error().kind, base::ErrorKind::kPermissionDenied);
  ::chmod(file.c_str(), 0600);
  std::ofstream(file, std::ios::trunc) << "abc";
  EXPECT_EQ(MasterKey::load(file).error().kind, base::ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace caprock::server
