// Text that must never be printed.
#pragma once

#include <string>
#include <string_view>

namespace voyager::base {

/// Holds a password or key. It has no stream operator and no conversion; `reveal()` is the only way out and belongs
/// into connection parameters and child environments only. Making one registers its value with `mask_secrets`, so a
/// secret cannot exist without the sinks knowing it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_ = {};
};

/// Returns `text` with every registered secret replaced by "********", also in the forms it takes in a
/// URL, JSON, a connection string and an SQL literal. Every log line, report, error and event passes through here.
/// A value that could as well be an ordinary word or name (letters and underscores only, shorter than 8 letters and
/// digits, or shorter than 3 bytes) is replaced only where a secret can stand: behind "=", behind a word that ends in
/// "password" or "pwd", as the whole of a quoted text that stands behind one of these, or between ':' and '@' of an
/// address. Thread-safe.
std::string mask_secrets(std::string_view text);

}  // namespace voyager::base
