// Converts failures of a printer's file service into the end of a job. Knows texts and codes; does nothing.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <string>

namespace bambu2mqtt {

[[nodiscard]] FileEnd file_done(OrderedJson data);
[[nodiscard]] FileEnd file_refused(Code code, std::string message);
[[nodiscard]] FileEnd file_failed(std::string message);

/// The end for an unsuccessful answer: refused if the printer refused, failed if something broke or its
/// storage is full.
[[nodiscard]] FileEnd end_of(const FtpsAnswer& answer);

/// The end for a failure of local files or a URL: not_allowed, not_found or invalid_argument if the request
/// is wrong, else failed.
[[nodiscard]] FileEnd end_of(const Error& error);

} // namespace bambu2mqtt
