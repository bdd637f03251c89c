// Which key of a printer's messages holds what.
#pragma once

#include <cstdint>
#include <string_view>

namespace bambu2mqtt {

enum class Content : std::uint8_t {
    unknown, ///< judged by its shape
    words,   ///< enumerations, models, materials, versions: stays if it is harmless
    bits,    ///< hexadecimal bit field or colour: stays
    count,   ///< a number of up to ten digits, a time or an error code: stays
    preset,  ///< filament preset: those of the vendor ("GFA00") stay, a user's own is an id
    id,      ///< of jobs, tasks, projects, devices; "0" is none
    serial,
    tag,     ///< RFID tags and what is derived from them; zeros are none
    name,    ///< of a file, task, profile, printer or network; with folders
    address, ///< as text, or IPv4 as a number
};

/// `parent`: the key of the object around it.
[[nodiscard]] Content content_of(std::string_view key, std::string_view parent);

/// A word that identifies nothing, whatever its key.
[[nodiscard]] bool is_common_word(std::string_view text);

/// A folder on a printer's storage, or a file with the same name in every job.
[[nodiscard]] bool is_common_path_part(std::string_view part);

/// ".gcode.3mf", ".mp4": the end of the name; empty for all other ends.
[[nodiscard]] std::string_view usual_extension(std::string_view name);

} // namespace bambu2mqtt
