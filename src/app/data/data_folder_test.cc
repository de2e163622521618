#include "app/data/data_folder.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using testing::HasSubstr;

class DataFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "caprock-data-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
  }
  void TearDown() override { fs::remove_all(home_); }
  unsigned mode(const fs::path& path) const {
    struct stat status{};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777U;
  }
  fs::path home_;
};

TEST_F(DataFolderTest, Open_MakesAPrivateFolderAndLockFile) {
  const auto folder = DataFolder::open(home_ / "a" / "b");
  ASSERT_TRUE(folder) << folder.error().message;
  EXPECT_EQ(mode(home_ / "a" / "b"), 0700U);
  EXPECT_EQ(mode(home_ / "a" / "b" / "caprock.lock"), 0600U);
}

TEST_F(DataFolderTest, OpenTwice_NamesTheHolder) {
  auto first = DataFolder::open(home_);
  ASSERT_TRUE(first->publish("127.0.0.1:8080", false, base::Secret("t0ken")));
  const auto second = DataFolder::open(home_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr(home_.string()));
  EXPECT_THAT(second.error().message,
              HasSubstr("process " + std::to_string(::getpid()) + " at 127.0.0.1:8080"));
  EXPECT_THAT(second.error().message, Not(HasSubstr("t0ken")));
}

TEST_F(DataFolderTest, LockHolder_ReadsWhatIsPublishedWhileItIsHeld) {
  EXPECT_EQ(lock_holder(home_), std::nullopt);
  {
    auto folder = DataFolder::open(home_);
    EXPECT_EQ(lock_holder(home_)->address, "");
    ASSERT_TRUE(folder->publish("[::1]:9", true, base::Secret("t0ken")));
    const auto holder = lock_holder(home_);
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->pid, ::getpid());
    EXPECT_EQ(holder->address, "[::1]:9");
    EXPECT_TRUE(holder->tls);
    EXPECT_TRUE(holder->token.equals("t0ken"));
  }
  EXPECT_EQ(lock_holder(home_), std::nullopt);
}

TEST_F(DataFolderTest, HolderThatDied_IsTakenOver) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto folder = DataFolder::open(home_);
    const bool published = folder && folder->publish("127.0.0.1:1", false, base::Secret("x"));
    [[maybe_unused]] const ssize_t told = ::write(ready[1], published ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_EQ(lock_holder(home_)->pid, child);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(lock_holder(home_), std::nullopt);
  EXPECT_TRUE(DataFolder::open(home_));
}

TEST_F(DataFolderTest, PathThatCannotBeAFolder_IsNamed) {
  std::ofstream(home_ / "file") << "x";
  for (const fs::path& bad : {home_ / "file", home_ / "file" / "data"}) {
    const auto folder = DataFolder::open(bad);
    ASSERT_FALSE(folder) << bad;
    EXPECT_EQ(folder.error().kind, ErrorKind::kPermissionDenied);
    EXPECT_THAT(folder.error().message, HasSubstr(bad.string()));
  }
  EXPECT_EQ(DataFolder::open("").error().kind, ErrorKind::kInvalidArgument);
}

TEST(DefaultDataFolder, Variables_FollowTheXdgSpecification) {
  EXPECT_EQ(default_data_folder({{"XDG_DATA_HOME", "/x"}, {"HOME", "/h"}}), "/x/caprock");
  EXPECT_EQ(default_data_folder({{"XDG_DATA_HOME", "relative"}, {"HOME", "/h"}}), "/h/.local/share/caprock");
  EXPECT_EQ(default_data_folder({}), "");
}

}  // namespace
}  // namespace caprock::app
