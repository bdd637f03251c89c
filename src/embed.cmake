# embed_files(OUT NAME DIR): writes a C++ source that defines bambu2mqtt::embedded::NAME(), a list of
# {path relative to DIR, content} for every file below DIR, and appends the source's path to the list OUT.
function(embed_files out name dir)
    file(GLOB_RECURSE paths RELATIVE ${dir} CONFIGURE_DEPENDS ${dir}/*)
    list(SORT paths)
    set(body "")
    foreach(path IN LISTS paths)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${dir}/${path})
        file(READ ${dir}/${path} content)
        string(APPEND body "    {\"${path}\", R\"~embed~(${content})~embed~\"},\n")
    endforeach()
    file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp CONTENT
"#include <bambu2mqtt/base/embedded.hpp>

#include <array>

namespace bambu2mqtt::embedded {

namespace {
constexpr std::array embedded_${name} = std::to_array<File>({
${body}});
} // namespace

std::span<const File> ${name}() {
    return embedded_${name};
}

} // namespace bambu2mqtt::embedded
")
    set(${out} ${${out}} ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp PARENT_SCOPE)
endfunction()
