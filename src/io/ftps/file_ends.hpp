// What failures on the way to, on and beside a printer's file service come to as the end of a job. Knows
// words and codes; does nothing.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <string>

namespace bambu2mqtt {

[[nodiscard]] FileEnd file_done(OrderedJson data);
[[nodiscard]] FileEnd file_refused(Code code, std::string message);
[[nodiscard]] FileEnd file_failed(std::string message);

/// The end that an answer means which is not done: refused where the printer said no, failed where something
/// broke or its storage is full.
[[nodiscard]] FileEnd end_of(const FtpsAnswer& answer);

/// The end that a failure of local files or a URL means: not_allowed, not_found or invalid_argument where the
/// request is at fault, else failed.
[[nodiscard]] FileEnd end_of(const Error& error);

} // namespace bambu2mqtt
