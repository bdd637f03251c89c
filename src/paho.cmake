# Paho MQTT C as the interface library `paho`: Debian's static archive where that is found and wanted, else the shared
# library. With the archive
#   * the linker's --wrap puts functions of io/mqtt/packet_limit.cpp between Paho and the sockets, so that no memory is
#     allocated for a packet that is too large (BAMBU2MQTT_PACKET_LIMIT), and those of io/mqtt/paho_calls.cpp, which make
#     many connections and many messages cheap;
#   * io/mqtt/paho_debugging.cpp takes the place of the two archive members that hold Paho's call tracing and heap
#     tracking, which Debian compiles in (BAMBU2MQTT_LEAN_PAHO). An object that defines every symbol of a member
#     and comes before the archive is used in its place; with one symbol missing the link fails with a second definition.
#     So the members must define exactly what is known here, as in Paho 1.3.12 and 1.3.14.
set(PAHO_DEBUGGING_MEMBERS Heap StackTrace)
set(PAHO_DEBUGGING_SYMBOLS
    HeapDump HeapDumpString Heap_findItem Heap_get_info Heap_initialize Heap_terminate Heap_unlink myfree mymalloc myrealloc
    StackTrace_entry StackTrace_exit StackTrace_get StackTrace_printStack setStack)

# The global symbols that members ("Heap" for Heap.c.o) of an archive define, sorted.
function(archive_symbols result archive)
    execute_process(COMMAND ${CMAKE_NM} -g --defined-only ${archive} OUTPUT_VARIABLE listing ERROR_QUIET)
    string(REPLACE "\n" ";" lines "${listing}")
    set(symbols)
    set(inside FALSE)
    foreach(line IN LISTS lines)
        if(line MATCHES "^([^ ]+)\\.c\\.o:$")
            set(inside FALSE)
            if(CMAKE_MATCH_1 IN_LIST ARGN)
                set(inside TRUE)
            endif()
        elseif(inside AND line MATCHES "^[0-9a-f]+ [A-Z] ([^ ]+)$")
            list(APPEND symbols ${CMAKE_MATCH_1})
        endif()
    endforeach()
    list(SORT symbols)
    set(${result} "${symbols}" PARENT_SCOPE)
endfunction()

find_library(PAHO_STATIC NAMES libpaho-mqtt3as.a)
add_library(paho INTERFACE)
set(PAHO_DEBUGGING_REPLACED OFF)
if(PAHO_STATIC AND (BAMBU2MQTT_PACKET_LIMIT OR BAMBU2MQTT_LEAN_PAHO))
    if(BAMBU2MQTT_LEAN_PAHO)
        archive_symbols(found ${PAHO_STATIC} ${PAHO_DEBUGGING_MEMBERS})
        set(expected ${PAHO_DEBUGGING_SYMBOLS})
        list(SORT expected)
        if(found STREQUAL expected)
            set(PAHO_DEBUGGING_REPLACED ON)
            add_library(paho_debugging OBJECT io/mqtt/paho_debugging.cpp)
            # Its functions stay visible in backtraces of allocations (tests/leaks.txt names one).
            target_compile_options(paho_debugging PRIVATE -fno-optimize-sibling-calls)
            target_link_libraries(paho_debugging PRIVATE project_options)
            target_link_libraries(paho INTERFACE $<TARGET_OBJECTS:paho_debugging>)
        else()
            message(WARNING "${PAHO_STATIC} defines other symbols for call tracing and heap tracking than are known "
                "(${found}): Paho keeps both, which takes about half of its processor time.")
        endif()
    endif()
    target_include_directories(paho SYSTEM INTERFACE
        $<TARGET_PROPERTY:eclipse-paho-mqtt-c::paho-mqtt3as,INTERFACE_INCLUDE_DIRECTORIES>)
    target_link_libraries(paho INTERFACE ${PAHO_STATIC} OpenSSL::SSL OpenSSL::Crypto Threads::Threads ${CMAKE_DL_LIBS})
    if(BAMBU2MQTT_PACKET_LIMIT)
        target_link_options(paho INTERFACE
            LINKER:--wrap=connect LINKER:--wrap=recv LINKER:--wrap=SSL_read LINKER:--wrap=close
            LINKER:--wrap=poll LINKER:--wrap=SSL_new
            LINKER:--wrap=pthread_cond_signal LINKER:--wrap=pthread_cond_timedwait)
        target_compile_definitions(paho INTERFACE BAMBU2MQTT_PACKET_LIMIT)
    endif()
else()
    if(BAMBU2MQTT_PACKET_LIMIT)
        message(WARNING "libpaho-mqtt3as.a was not found: the shared library is used, and the size of MQTT packets that "
            "arrive is not limited. Set BAMBU2MQTT_PACKET_LIMIT=OFF to build so on purpose.")
    endif()
    if(BAMBU2MQTT_LEAN_PAHO)
        message(WARNING "libpaho-mqtt3as.a was not found: Paho keeps its call tracing and heap tracking, which take about "
            "half of its processor time. Set BAMBU2MQTT_LEAN_PAHO=OFF to build so on purpose.")
    endif()
    target_link_libraries(paho INTERFACE eclipse-paho-mqtt-c::paho-mqtt3as)
endif()
