#include "app/cli/inputs.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class InputsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "caprock-in-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
    for (const char* file : {"b.txt", "a.pdf", "sub/c.md", ".hidden", ".git/x", "we[ird].txt"}) {
      fs::create_directories((home_ / file).parent_path());
      std::ofstream(home_ / file) << "12345";
    }
  }
  void TearDown() override { fs::remove_all(home_); }
  std::vector<std::string> expand(const std::vector<std::string>& typed) {
    std::vector<std::string> names;
    const base::Result<std::vector<Input>> inputs = expand_inputs(typed);
    if (!inputs) return {inputs.error().message};
    for (const Input& input : *inputs)
      names.push_back(input.kind == Input::Kind::kUrl ? input.path
                                                      : fs::relative(input.path, home_).string());
    return names;
  }
  fs::path home_;
};

TEST_F(InputsTest, Folder_IsWalkedInOrderWithoutHiddenNames) {
  EXPECT_THAT(expand({home_.string()}), ElementsAre("a.pdf", "b.txt", "sub/c.md", "we[ird].txt"));
}

TEST_F(InputsTest, GlobsUrlsAndDoubles_AreUnderstood) {
  const std::string h = home_.string();
  EXPECT_THAT(expand({h + "/*.txt", h + "/b.txt", "https://example.org/x"}),
              ElementsAre("b.txt", "we[ird].txt", "https://example.org/x"));
  EXPECT_THAT(expand({h + "/we[ird].txt"}), ElementsAre("we[ird].txt"));
  EXPECT_THAT(expand({h + "/sub/../b.txt", h + "/b.txt"}), ElementsAre("b.txt"));
}

TEST_F(InputsTest, NothingThere_IsNamed) {
  EXPECT_THAT(expand({"/nowhere/x.pdf"}), ElementsAre("/nowhere/x.pdf does not exist"));
  EXPECT_THAT(expand({home_.string() + "/*.docx"}), ElementsAre(home_.string() + "/*.docx matches no file"));
  EXPECT_THAT(expand({"/dev/null"}), ElementsAre("/dev/null is neither a file nor a folder"));
}

TEST_F(InputsTest, LinkToItsOwnParent_DoesNotLoop) {
  fs::create_directory_symlink(home_, home_ / "sub" / "loop");
  EXPECT_THAT(expand({home_.string() + "/sub"}), ElementsAre("sub/c.md"));
}

}  // namespace
}  // namespace caprock::app
