// Starting a print of a file on the printer; also what an upload that prints needs.
#pragma once

#include "command/rows.hpp"

#include <span>
#include <string>
#include <variant>

namespace bambu2mqtt::plan {

/// The arguments of print_3mf_file but `name`, which an upload knows by itself.
[[nodiscard]] std::span<const Argument> print_arguments_without_name();

/// The project_file request for checked arguments of print_3mf_file.
[[nodiscard]] std::variant<OrderedJson, Refusal> print_request(const Situation& situation,
                                                               const Json& arguments);

/// What the sender of a print should know although it is carried out, for checked arguments of
/// print_3mf_file; empty: nothing.
[[nodiscard]] std::string print_note(const Situation& situation, const Json& arguments);

/// Whether the job that was asked for is there.
[[nodiscard]] bool print_has_begun(const Situation& situation, const Json& arguments);

} // namespace bambu2mqtt::plan
