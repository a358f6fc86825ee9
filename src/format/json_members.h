// JSON objects with a member for each table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace voyager::format {

/// As object[key] = value for a key that is not there yet. An object that keeps its members' order looks through all
/// of them for a key, which is too much where each table has one.
inline void append_member(nlohmann::ordered_json& object, std::string key, nlohmann::ordered_json value) {
  object.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(std::move(key), std::move(value));
}

}  // namespace voyager::format
