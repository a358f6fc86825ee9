#include "connector/target.h"

#include "base/error.h"

namespace voyager::connector {

void throw_taken_over(const std::string& late, const std::string& where) {
  throw base::Error({.code = "IMP-009",
                     .exit = base::ExitCode::kState,
                     .title = "another run of this import has begun since",
                     .where = where,
                     .cause = late +
                              " came after the other run had looked which rows are in: rows could be loaded twice, "
                              "or be lost",
                     .fix = {"leave it to the other run; when that has ended, run the same command again: it asks the "
                             "target what is in"},
                     .then = "this run loads nothing any more; what is in is kept"});
}

}  // namespace voyager::connector
