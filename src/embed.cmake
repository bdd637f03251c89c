# embed_files(OUT DIR): writes a C++ source that defines bambu2mqtt::embedded::files(), a list of
# {path relative to DIR, content} for every file below DIR, and puts the source's path into OUT.
function(embed_files out dir)
    file(GLOB_RECURSE paths RELATIVE ${dir} CONFIGURE_DEPENDS ${dir}/*)
    list(SORT paths)
    set(body "")
    foreach(path IN LISTS paths)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${dir}/${path})
        file(READ ${dir}/${path} content)
        string(APPEND body "    {\"${path}\", R\"~embed~(${content})~embed~\"},\n")
    endforeach()
    file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded.cpp CONTENT
"#include <bambu2mqtt/base/embedded.hpp>

#include <array>

namespace bambu2mqtt::embedded {

namespace {
constexpr std::array embedded_files = std::to_array<File>({
${body}});
} // namespace

std::span<const File> files() {
    return embedded_files;
}

} // namespace bambu2mqtt::embedded
")
    set(${out} ${CMAKE_CURRENT_BINARY_DIR}/embedded.cpp PARENT_SCOPE)
endfunction()
