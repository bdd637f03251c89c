// Starting a print of a file on the printer; also used by an upload with print.
#pragma once

#include "command/rows.hpp"
#include <bambu2mqtt/base/expected.hpp>

#include <span>
#include <string>

namespace bambu2mqtt::plan {

/// The arguments of print_3mf_file except `name`, which an upload has itself.
[[nodiscard]] std::span<const Argument> print_arguments_without_name();

/// The project_file request for checked arguments of print_3mf_file.
[[nodiscard]] expected<OrderedJson, Refusal> print_request(const Situation& situation, const Json& arguments);

/// Note for the sender of an executed print, for checked arguments of print_3mf_file; empty: none.
[[nodiscard]] std::string print_note(const Situation& situation, const Json& arguments);

/// True if the requested job is present.
[[nodiscard]] bool print_has_begun(const Situation& situation, const Json& arguments);

} // namespace bambu2mqtt::plan
