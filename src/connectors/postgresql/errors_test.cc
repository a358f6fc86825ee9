#include "connectors/postgresql/errors.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "connectors/postgresql/login_errors.h"

namespace voyager::postgresql {
namespace {

using base::Retry;

struct CodeCase {
  const char* sqlstate;
  Retry retry;
  bool lost;
  bool unreachable;
};

class ErrorsTest : public testing::TestWithParam<CodeCase> {};

TEST_P(ErrorsTest, CodeHasItsVerdict) {
  const Verdict verdict = judge({.sqlstate = GetParam().sqlstate, .message = "words"});
  EXPECT_EQ(verdict.retry, GetParam().retry);
  EXPECT_EQ(verdict.connection_lost, GetParam().lost);
  EXPECT_EQ(verdict.unreachable, GetParam().unreachable);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, ErrorsTest,
    testing::Values(CodeCase{"08000", Retry::kNow, true, true}, CodeCase{"08003", Retry::kNow, true, true},
                    CodeCase{"08006", Retry::kNow, true, true}, CodeCase{"08007", Retry::kInDoubt, true, true},
                    CodeCase{"08P01", Retry::kNever, true, false}, CodeCase{"22003", Retry::kNever, false, false},
                    CodeCase{"23505", Retry::kNever, false, false}, CodeCase{"25006", Retry::kAfterPeers, true, false},
                    CodeCase{"25P02", Retry::kNever, false, false}, CodeCase{"25P03", Retry::kNow, true, true},
                    CodeCase{"25P04", Retry::kNow, true, true}, CodeCase{"28000", Retry::kNever, true, true},
                    CodeCase{"28P01", Retry::kNever, true, true}, CodeCase{"3D000", Retry::kNever, true, true},
                    CodeCase{"40001", Retry::kNow, false, false}, CodeCase{"40002", Retry::kNever, false, false},
                    CodeCase{"40003", Retry::kInDoubt, false, false},
                    CodeCase{"40P01", Retry::kAfterPeers, false, false}, CodeCase{"42501", Retry::kNever, false, false},
                    CodeCase{"42P01", Retry::kNever, false, false}, CodeCase{"53000", Retry::kAfterPeers, false, false},
                    CodeCase{"53100", Retry::kNever, false, false}, CodeCase{"53200", Retry::kAfterPeers, false, false},
                    CodeCase{"53300", Retry::kAfterPeers, false, true}, CodeCase{"53400", Retry::kNever, false, false},
                    CodeCase{"55006", Retry::kAfterPeers, false, false},
                    CodeCase{"55P03", Retry::kAfterPeers, false, false}, CodeCase{"57014", Retry::kNow, false, false},
                    CodeCase{"57P01", Retry::kNow, true, true}, CodeCase{"57P02", Retry::kNow, true, true},
                    CodeCase{"57P03", Retry::kAfterPeers, true, true}, CodeCase{"57P04", Retry::kNever, true, true},
                    CodeCase{"57P05", Retry::kNow, true, true}, CodeCase{"58030", Retry::kAfterPeers, false, false},
                    CodeCase{"XX000", Retry::kNever, false, false}, CodeCase{"", Retry::kNow, true, true}),
    [](const auto& one) { return std::string(*one.param.sqlstate == 0 ? "NoCode" : one.param.sqlstate); });

TEST(ErrorsTwinTest, ATwinInTheCatalogIsTriedAgainAndAUsersKeyIsNot) {
  EXPECT_EQ(judge({.sqlstate = "23505",
                   .message = "duplicate key value violates unique constraint \"pg_class_relname_nsp_index\""})
                .retry,
            base::Retry::kAfterPeers);
  EXPECT_EQ(judge({.sqlstate = "23505", .message = "duplicate key value violates unique constraint \"t_pkey\""}).retry,
            base::Retry::kNever);
}

TEST(ErrorsLoginTest, RefusedLoginsAreNotTriedAgain) {
  const char* refused[] = {"FATAL:  password authentication failed for user \"u\"",
                           "fe_sendauth: no password supplied",
                           "FATAL:  no pg_hba.conf entry for host",
                           "FATAL:  database \"x\" does not exist",
                           "root certificate file \"/x\" does not exist",
                           "server does not support SSL, but SSL was required"};
  for (const char* message : refused) EXPECT_EQ(judge_login(message).retry, Retry::kNever) << message;
  const char* later[] = {"FATAL:  sorry, too many clients already", "FATAL:  the database system is starting up"};
  for (const char* message : later) EXPECT_EQ(judge_login(message).retry, Retry::kAfterPeers) << message;
  EXPECT_EQ(judge_login("connection to server at \"h\", port 1 failed: Connection refused").retry, Retry::kNow);
}

TEST(ErrorsInfoTest, HasFiveParts) {
  const ServerFault fault{
      .sqlstate = "57P01", .message = "terminating connection", .detail = "d", .hint = "h", .context = "c"};
  const base::ErrorInfo info = error_info(fault, judge(fault), "title", "u@h:1/d", model::Side::kSource);
  EXPECT_EQ(info.title, "title");
  EXPECT_EQ(info.where, "u@h:1/d");
  EXPECT_EQ(info.cause, "terminating connection\nDETAIL: d\nHINT: h\nCONTEXT: c\nSQLSTATE 57P01");
  EXPECT_FALSE(info.fix.empty());
  EXPECT_FALSE(info.then.empty());
  EXPECT_EQ(info.exit, base::ExitCode::kSourceUnreachable);
  EXPECT_EQ(error_info(fault, judge(fault), "", "", model::Side::kTarget).exit, base::ExitCode::kTargetUnreachable);
}

TEST(LoginErrors, EachCauseHasItsCodeAndItsFix) {
  struct Case {
    const char* message;
    const char* ssl_mode;
    const char* code;
    const char* fix;
  };
  const Case cases[] = {
      {"could not translate host name \"nohost\" to address: Name or service not known", "prefer", "CON-002",
       "--target-db-host"},
      {"connection to server at \"h\" (::1), port 1 failed: Connection refused\n\tIs the server running on that host?",
       "prefer", "CON-003", "the server runs"},
      {"connection to server on socket \"/x/.s.PGSQL.1\" failed: No such file or directory", "prefer", "CON-003",
       "the server runs"},
      {"connection to server at \"h\", port 1 failed: FATAL:  database \"Shop\" does not exist", "prefer", "CON-004",
       "--target-db-name"},
      {"connection to server at \"h\", port 1 failed: FATAL:  role \"me\" does not exist", "prefer", "CON-005",
       "--target-db-user"},
      {"connection to server at \"h\", port 1 failed: FATAL:  password authentication failed for user "
       "\"me\"\nconnection "
       "to server at \"h\", port 1 failed: FATAL:  no pg_hba.conf entry for host \"h\", no encryption",
       "prefer", "CON-005", "TARGET_DB_PASSWORD"},
      {"FATAL:  no pg_hba.conf entry for host \"h\", user \"me\", database \"d\", SSL encryption\nFATAL:  no "
       "pg_hba.conf "
       "entry for host \"h\", user \"me\", database \"d\", no encryption",
       "prefer", "CON-006", "pg_hba.conf"},
      {"FATAL:  no pg_hba.conf entry for host \"h\", user \"me\", database \"d\", no encryption", "disable", "CON-007",
       "--target-ssl-mode require"},
      {"connection to server at \"h\", port 1 failed: server does not support SSL, but SSL was required", "require",
       "CON-007", "--target-ssl-mode prefer"},
      {"connection to server at \"h\", port 1 failed: SSL error: certificate verify failed", "verify-full", "CON-007",
       "--target-ssl-root-cert"},
      {"connection to server at \"h\", port 1 failed: timeout expired", "prefer", "CON-008", "PGCONNECT_TIMEOUT"},
      {"connection to server at \"h\", port 1 failed: No route to host", "prefer", "CON-008", "nc -vz h 1"},
      {"FATAL:  sorry, too many clients already", "prefer", "", ""},
  };
  for (const Case& one : cases) {
    base::ErrorInfo info;
    explain_login(info, one.message,
                  {.side = model::Side::kTarget,
                   .host = "h",
                   .port = 1,
                   .user = "me",
                   .database = "d",
                   .ssl_mode = one.ssl_mode});
    EXPECT_EQ(info.code, one.code) << one.message;
    std::string fixes;
    for (const std::string& fix : info.fix) fixes += fix + "\n";
    EXPECT_NE(fixes.find(one.fix), std::string::npos) << one.message << "\n" << fixes;
  }
}

TEST(LoginErrors, OneLineSaysWhatIsMissing) {
  base::ErrorInfo info;
  explain_login(
      info,
      "connection failed: FATAL:  role \"me\" does not exist\nconnection to database \"Shop\" failed: FATAL:  "
      "role \"me\" does not exist",
      {.side = model::Side::kTarget});
  EXPECT_EQ(info.code, "CON-005");
  EXPECT_FALSE(is_unknown_database("for database \"Shop\"\nrole \"me\" does not exist"));
  EXPECT_TRUE(is_unknown_database("FATAL:  database \"my \"shop\"\" does not exist"));
}

TEST(LoginErrors, NamesAreQuotedWhereTheyArePasted) {
  const auto fixes = [](const char* message) {
    base::ErrorInfo info;
    explain_login(info, message,
                  {.side = model::Side::kTarget, .host = "h", .port = 1, .user = "o'me", .database = "my \"shop\""});
    return base::join(info.fix, "\n");
  };
  EXPECT_NE(fixes("password authentication failed").find(R"(psql -h h -p 1 -U 'o'\''me' -d 'my "shop"')"),
            std::string::npos);
  EXPECT_NE(fixes("no pg_hba.conf entry for host \"h\"").find(R"(host "my ""shop""" "o'me" <address)"),
            std::string::npos);
}

}  // namespace
}  // namespace voyager::postgresql
