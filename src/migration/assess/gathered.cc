#include "migration/assess/gathered.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"

namespace voyager::migration {

std::optional<Gathered> read_gathered(const std::filesystem::path& metadata) {
  const std::filesystem::path file = metadata / "node-primary" / "gathered.json";
  if (!std::filesystem::exists(file)) return std::nullopt;
  try {
    const nlohmann::json json = nlohmann::json::parse(base::read_file(file));
    Gathered out{.load_interval = json.at("iops_capture_interval").get<std::int64_t>(),
                 .server_version = json.at("server_version").get<std::string>(),
                 .database = json.at("database").get<std::string>(),
                 .schemas = json.at("schemas").get<std::vector<std::string>>()};
    for (const nlohmann::json& one : json.value("not_gathered", nlohmann::json::array())) {
      out.not_gathered.push_back({.what = one.at("what").get<std::string>(),
                                  .why = one.at("why").get<std::string>(),
                                  .fix = one.value("fix", "")});
    }
    return out;
  } catch (const nlohmann::json::exception& fault) {
    throw base::Error({.code = "ASM-011",
                       .title = "a file of the gathered metadata is damaged",
                       .where = file.string(),
                       .cause = fault.what(),
                       .fix = {"gather the metadata again, and copy the whole folder"},
                       .then = "an earlier assessment was left as it is"});
  }
}

}  // namespace voyager::migration
