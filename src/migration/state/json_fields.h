// Typed fields as members of a documented JSON object: one function names every member and field, and is called with a
// JsonReader or a JsonWriter.
#pragma once

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "format/ledgers.h"
#include "model/identifier.h"

namespace voyager::migration {

/// What words stand for.
template <typename Value, std::size_t N>
using Words = std::array<std::pair<Value, std::string_view>, N>;

template <typename Value, std::size_t N>
std::string_view word_in(const Words<Value, N>& words, Value value) {
  for (const auto& [one, word] : words) {
    if (one == value) return word;
  }
  return "";
}

template <typename Value, std::size_t N>
std::optional<Value> value_in(const Words<Value, N>& words, std::string_view word) {
  for (const auto& [value, one] : words) {
    if (one == word) return value;
  }
  return std::nullopt;
}

/// As scripts know it.
inline nlohmann::json names_of(const std::vector<model::Identifier>& schemas) {
  nlohmann::json names = nlohmann::json::array();
  for (const model::Identifier& schema : schemas) {
    names.push_back({{"Quoted", model::quoted(schema)},
                     {"Unquoted", schema.catalog_text()},
                     {"MinQuoted", model::display(schema)}});
  }
  return names;
}

inline std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> out;
  for (const std::string& word : base::split(list, ',')) {
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

/// A member that is not there, or of another type, leaves the field as it is.
class JsonReader {
 public:
  explicit JsonReader(const nlohmann::json& from) : from_(from) {}

  void operator()(const char* name, bool& to) { take<bool>(name, to, &nlohmann::json::is_boolean); }
  void operator()(const char* name, std::string& to) { take<std::string>(name, to, &nlohmann::json::is_string); }
  void operator()(const char* name, int& to) { take<int>(name, to, &nlohmann::json::is_number_integer); }
  void operator()(const char* name, std::vector<std::string>& to) {
    const nlohmann::json* list = member(name);
    if (list == nullptr || !list->is_array()) return;
    for (const nlohmann::json& one : *list) {
      if (one.is_string()) to.push_back(one.get<std::string>());
    }
  }
  void operator()(const char* name, std::map<std::string, std::string>& to) {
    const nlohmann::json* object = member(name);
    if (object == nullptr || !object->is_object()) return;
    for (const auto& [key, value] : object->items()) {
      if (value.is_string()) to[key] = value.get<std::string>();
    }
  }
  /// An object whose members are true.
  void operator()(const char* name, std::set<std::string>& to) {
    const nlohmann::json* object = member(name);
    if (object == nullptr || !object->is_object()) return;
    for (const auto& [key, value] : object->items()) to.insert(key);
  }
  void operator()(const char* name, std::vector<model::Identifier>& to) {
    const nlohmann::json* list = member(name);
    if (list == nullptr || !list->is_array()) return;
    for (const nlohmann::json& one : *list) {
      std::string text;
      if (one.is_object()) JsonReader{one}("Unquoted", text);
      if (!text.empty()) to.emplace_back(text);
    }
  }
  template <typename Value, std::size_t N>
  void word(const char* name, std::optional<Value>& to, const Words<Value, N>& words) {
    std::string text;
    (*this)(name, text);
    to = value_in(words, text);
  }
  /// A list that is one text.
  void list(const char* name, std::vector<std::string>& to) {
    std::string text;
    (*this)(name, text);
    to = words_of(text);
  }
  void derived(const char*, const std::string&) {}
  template <typename Value, typename Visit>
  void object(const char* name, Value& to, Visit&& visit) {
    const nlohmann::json* found = member(name);
    if (found == nullptr || !found->is_object()) return;
    JsonReader inner(*found);
    visit(inner, to);
  }
  template <typename Value, typename Visit>
  void object(const char* name, std::optional<Value>& to, Visit&& visit) {
    const nlohmann::json* found = member(name);
    if (found == nullptr || !found->is_object()) return;
    JsonReader inner(*found);
    visit(inner, to.emplace());
  }

 private:
  const nlohmann::json* member(const char* name) const {
    const auto found = from_.find(name);
    return found == from_.end() ? nullptr : &*found;
  }
  template <typename Value>
  void take(const char* name, Value& to, bool (nlohmann::json::*fits)() const noexcept) {
    const nlohmann::json* found = member(name);
    if (found != nullptr && (found->*fits)()) to = found->get<Value>();
  }

  const nlohmann::json& from_;
};

/// A field that is empty, 0 or false makes no member, but takes the place of one that is there. Other members stay.
class JsonWriter {
 public:
  explicit JsonWriter(nlohmann::json& to) : to_(to) {}

  template <typename Value>
  void operator()(const char* name, const Value& value) {
    if (value != Value{} || to_.contains(name)) to_[name] = value;
  }
  void operator()(const char* name, const std::set<std::string>& keys) {
    nlohmann::json object = nlohmann::json::object();
    for (const std::string& key : keys) object[key] = true;
    if (!keys.empty() || to_.contains(name)) to_[name] = std::move(object);
  }
  void operator()(const char* name, const std::vector<model::Identifier>& schemas) { to_[name] = names_of(schemas); }
  template <typename Value, std::size_t N>
  void word(const char* name, const std::optional<Value>& value, const Words<Value, N>& words) {
    if (value) to_[name] = word_in(words, *value);
  }
  void list(const char* name, const std::vector<std::string>& words) { (*this)(name, base::join(words, ",")); }
  /// Of other fields, for scripts.
  void derived(const char* name, const std::string& text) { to_[name] = text; }
  template <typename Value, typename Visit>
  void object(const char* name, const Value& value, Visit&& visit) {
    nlohmann::json inner = to_.contains(name) && to_[name].is_object() ? to_[name] : nlohmann::json::object();
    JsonWriter writer(inner);
    visit(writer, value);
    if (!inner.empty()) to_[name] = std::move(inner);
  }
  template <typename Value, typename Visit>
  void object(const char* name, const std::optional<Value>& value, Visit&& visit) {
    if (value) object(name, *value, std::forward<Visit>(visit));
  }

 private:
  nlohmann::json& to_;
};

/// The object under `key`; without members while nothing was noted, and where the text is damaged.
inline nlohmann::json json_object(format::DocumentLedger& db, std::string_view key) {
  nlohmann::json object = nlohmann::json::parse(db.json(key), nullptr, false);
  return object.is_object() ? object : nlohmann::json::object();
}

inline void save_json_object(format::DocumentLedger& db, std::string_view key, const nlohmann::json& object) {
  db.set_json(key, object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace voyager::migration
