// PostgreSQL as a target of changes.
#pragma once

#include <memory>
#include <string>

#include "connector/changes.h"
#include "connectors/postgresql/target.h"

namespace voyager::postgresql {

std::unique_ptr<connector::ChangeTarget> make_change_target(const model::ConnectionOptions& options,
                                                            const Flavour& flavour, const std::string& migration);

// --- pure parts, for tests -------------------------------------------------------------------------------------------

/// The statement of a step. Its parameters are arrays of text: the key's columns in order, then those of the values.
std::string apply_statement(const connector::ApplyStep& step);
/// What one of a cascade's keys does to the rows that refer to other rows. Parameters: the values referred to, in the
/// key's order, and for `act` kFollow those that they become. Returns `wanted` columns of each row (places in its
/// table): as they were, and for an update then as they are.
std::string cascade_statement(const connector::ApplyStep& step, const model::ActingKey& key, model::ActingKey::Act act,
                              const std::vector<std::uint32_t>& wanted);
/// One or two statements, for one transaction.
std::string change_statement(const connector::ColumnChange& change);
/// Every value of type `from` is one of type `to`, and an ALTER of the type keeps it. Types as format_type prints them.
bool takes_all_of(std::string_view to, std::string_view from);
/// The rows of an insert in COPY's text form.
std::string copy_lines(const connector::ApplyStep& step);
/// A text[] of column `column` of the step's values in the wire's binary form.
std::string text_array(const connector::ApplyStep& step, std::size_t column);

}  // namespace voyager::postgresql
