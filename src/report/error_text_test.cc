#include "report/error_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "base/text.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

using base::ErrorInfo;
using ::testing::HasSubstr;
using ::testing::Not;

ErrorInfo sample() {
  return {.code = "SRC-014",
          .title = "the source does not let \"mig\" open a replication slot",
          .where = "postgres://mig@db1:5432/shop",
          .cause = "must have the REPLICATION attribute",
          .fix = {"on the source, as superuser:   ALTER ROLE mig REPLICATION;"},
          .then = "yb-voyager export data -c shop.yaml            nothing was written; safe to repeat",
          .sqlstate = "42501"};
}

const ErrorContext kContext{
    .where = "export data", .docs = "yb-voyager explain SRC-014", .log = "logs/export-data.log:412"};

TEST(ErrorText, FivePartsInOrder) {
  EXPECT_EQ(error_text(sample(), kContext, {}),
            "error[SRC-014] the source does not let \"mig\" open a replication slot\n"
            "  where  export data · postgres://mig@db1:5432/shop\n"
            "  cause  server 42501: must have the REPLICATION attribute\n"
            "  fix    on the source, as superuser:   ALTER ROLE mig REPLICATION;\n"
            "  then   yb-voyager export data -c shop.yaml            nothing was written; safe to repeat\n"
            "  more   yb-voyager explain SRC-014 · log logs/export-data.log:412\n");
}

TEST(ErrorText, EmptyPartsAreLeftOut) {
  EXPECT_EQ(error_text({.title = "no such table"}, {}, {}), "error: no such table\n");
}

TEST(ErrorText, ProseIsWrappedAndServerWordsAreNot) {
  ErrorInfo error = sample();
  std::string prose;
  for (int i = 0; i < 40; ++i) prose += "word ";
  error.cause = prose + "\n\tDETAIL:  " + prose;
  error.fix = {prose, "ALTER ROLE mig " + prose};
  const std::string text = error_text(error, kContext, {});
  const std::vector<std::string> lines = base::split(text, '\n');
  EXPECT_THAT(text, HasSubstr("server 42501: " + prose.substr(0, prose.size() - 1) + "\n"));
  EXPECT_THAT(text, HasSubstr("\n          DETAIL:  word"));
  EXPECT_THAT(text, HasSubstr("         ALTER ROLE mig " + prose.substr(0, prose.size() - 1) + "\n"));
  error.sqlstate.clear();
  error.fix = {prose};
  for (const std::string& line : base::split(error_text(error, kContext, {}), '\n'))
    EXPECT_LE(display_width(line), 100U) << line;
}

TEST(ErrorText, ServerCodeIsNotSaidTwice) {
  ErrorInfo error = sample();
  error.cause = "ERROR 42501: no";
  EXPECT_THAT(error_text(error, {}, {}), HasSubstr("  cause  ERROR 42501: no\n"));
  EXPECT_THAT(error_text({.title = "t", .cause = "denied", .vendor_code = 1045}, {}, {}),
              HasSubstr("  cause  server error 1045: denied\n"));
}

TEST(ErrorText, ColourSurroundsTheHead) {
  EXPECT_THAT(error_text(sample(), {}, {.colour = true}),
              ::testing::StartsWith("\x1b[1;31merror[SRC-014]\x1b[0m the source"));
}

TEST(ErrorText, SecretsAreMaskedBeforeWrapping) {
  const base::Secret secret("CANARY with blanks in it");
  ErrorInfo error = sample();
  error.title = error.cause = error.then = std::string(80, 'x') + " CANARY with blanks in it";
  error.fix = {error.title};
  error.where = error.title;
  EXPECT_THAT(error_text(error, kContext, {}), Not(HasSubstr("CANARY")));
  EXPECT_THAT(error_json(error, kContext), Not(HasSubstr("CANARY")));
}

TEST(ErrorText, AServerCannotMoveTheCursor) {
  ErrorInfo error = sample();
  error.cause = "bad \x1b[2J value";
  EXPECT_THAT(error_text(error, {}, {}), HasSubstr("bad \\x1b[2J value"));
}

TEST(ErrorText, SameKindIsGroupedWithThreeSamples) {
  std::vector<ErrorInfo> errors(5, sample());
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i].where = "table t" + std::to_string(i);
  errors.push_back({.title = "another"});
  const std::string text = errors_text(errors, {}, {});
  EXPECT_THAT(text, HasSubstr("replication slot (5 times)\n  where  table t0\n"));
  EXPECT_THAT(text, HasSubstr("  where  table t2\n"));
  EXPECT_THAT(text, Not(HasSubstr("table t3")));
  EXPECT_THAT(text, HasSubstr("\n\nerror: another\n"));
}

TEST(ErrorJson, HasExactlyTheDocumentedKeys) {
  ErrorInfo error = sample();
  error.retry = base::Retry::kAfterPeers;
  const std::string text = error_json(error, kContext);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(text), nlohmann::json::parse(R"({"code":"SRC-014",
      "title":"the source does not let \"mig\" open a replication slot",
      "where":"export data · postgres://mig@db1:5432/shop",
      "cause":"server 42501: must have the REPLICATION attribute",
      "fix":["on the source, as superuser:   ALTER ROLE mig REPLICATION;"],
      "next":"yb-voyager export data -c shop.yaml            nothing was written; safe to repeat",
      "docs":"yb-voyager explain SRC-014","log":"logs/export-data.log:412","retryable":true,"v":1})"));
}

}  // namespace
}  // namespace voyager::report
