#include "report/readiness_text.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

TEST(ReadinessText, SaysWhatIsMissingAndWhatToDo) {
  model::Readiness readiness{.to = "target",
                             .lines = {{.ok = true, .what = "export data is running"},
                                       {.ok = false,
                                        .what = "import data is running",
                                        .detail = "it is not",
                                        .fix = "yb-voyager import data --export-dir x"}},
                             .unapplied_changes = 7};
  EXPECT_EQ(readiness_text(readiness, {}),
            "ok      export data is running\n"
            "not ok  import data is running: it is not\n"
            "          yb-voyager import data --export-dir x\n"
            "not ready for the cutover to the target; how long it would take cannot be told. Nothing was changed.\n");
  EXPECT_NE(readiness_json(readiness).find(R"("ready": false)"), std::string::npos);
  EXPECT_NE(readiness_json(readiness).find(R"("estimated_s": null)"), std::string::npos);
  readiness.lines.pop_back();
  readiness.seconds = 2.6;
  EXPECT_NE(readiness_text(readiness, {}).find("ready for the cutover to the target; it would take about 3 s"),
            std::string::npos);
}

}  // namespace
}  // namespace voyager::report
