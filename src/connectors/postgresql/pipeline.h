// Statements of which many cost one round trip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

/// Statements that are sent one behind the other, without waiting for the answers to those before. From the first one
/// on until `finish` nothing else may be asked of the connection; one that is given up in between leaves the connection
/// of no use. No COPY. As the connection, one thread.
class Pipeline {
 public:
  /// `connection` outlives it.
  explicit Pipeline(Connection& connection) : connection_(connection) {}
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// One statement with $1, $2, ...
  void query(std::string_view sql, std::initializer_list<Param> params = {});
  /// A statement of which every parameter is a text[]; `arrays` are in the wire's binary form.
  void prepare_arrays(const std::string& name, const std::string& sql, std::size_t parameters);
  void execute_arrays(const std::string& name, std::span<const std::string> arrays);
  std::size_t statements() const { return statements_; }
  /// That wait for `finish`: of statements and values.
  std::size_t bytes() const { return bytes_; }
  /// Waits for the answers. `touched`: for each statement up to the first that was refused the rows that it touched or
  /// returned; the server has left out those behind it. `last` (may be null): the answer to the last of them. A refusal
  /// is returned, a lost connection throws. More statements may follow then.
  [[nodiscard]] std::optional<ServerFault> finish(std::vector<std::uint64_t>& touched, std::string_view what,
                                                  Result* last = nullptr);

 private:
  void enter();
  void sent(int result, std::size_t bytes);

  Connection& connection_;
  std::size_t statements_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace voyager::postgresql
