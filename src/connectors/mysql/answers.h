// What a server says of itself: asked over a connection, or as a script has written it down.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/connection.h"

namespace voyager::mysql {

class Answers {
 public:
  virtual ~Answers() = default;
  /// `what` names the question in an error: "list tables".
  virtual Result ask(std::string_view sql, std::string_view what) = 0;
  /// A refusal gives nothing.
  virtual std::optional<Result> try_ask(std::string_view sql, std::string_view what) = 0;
  virtual bool is_mariadb() const = 0;
  virtual unsigned long version() const = 0;     ///< 101119 for 10.11.19
  virtual std::string version_text() const = 0;  ///< "MariaDB 10.11.19"
  virtual std::string database() const = 0;
};

/// Of a connection, which must outlive it.
std::unique_ptr<Answers> answers_of(Connection& connection);

/// Of the folder that the gather script wrote: NAME.xml, each what the client prints for the query sql/NAME.sql, and
/// shown.xml with what it prints for statements that name objects. Throws Error (ASM-010) for files that are damaged or
/// not there.
std::unique_ptr<Answers> answers_of(const std::filesystem::path& folder);

/// One result of the client's XML form (--xml), and the statement that it answers.
struct XmlResult {
  std::string statement = {};
  std::vector<std::vector<std::optional<std::string>>> rows = {};
};
/// Nothing for what is not in that form.
std::optional<std::vector<XmlResult>> parse_client_xml(std::string_view text);

}  // namespace voyager::mysql
