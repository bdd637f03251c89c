# That a program was linked without the archive members of Paho for call tracing and heap tracking, and has what they
# define all the same: cmake -DPROGRAM= -DMAP= (of the linker) -DARCHIVE= (its file name) -DNM= -DMEMBERS= -DSYMBOLS= -P
file(READ ${MAP} map)
if(NOT map MATCHES "${ARCHIVE}\\(MQTTAsync\\.c\\.o\\)")
    message(FATAL_ERROR "${MAP} does not name ${ARCHIVE}(MQTTAsync.c.o): it says nothing about ${PROGRAM}")
endif()
foreach(member IN LISTS MEMBERS)
    if(map MATCHES "${ARCHIVE}\\(${member}\\.c\\.o\\)")
        message(SEND_ERROR "${PROGRAM} is linked with ${ARCHIVE}(${member}.c.o)")
    endif()
endforeach()
if(NOT map MATCHES "paho_debugging\\.dir/")
    message(SEND_ERROR "${PROGRAM} is linked without the object of the target paho_debugging")
endif()

# Global symbols, and those that it expects of shared libraries.
execute_process(COMMAND ${NM} ${PROGRAM} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
foreach(symbol IN LISTS SYMBOLS)
    if(NOT listing MATCHES " [tT] ${symbol}\n")
        message(SEND_ERROR "${PROGRAM} does not define ${symbol}")
    endif()
endforeach()
foreach(symbol Internal_heap_unlink checkEyecatchers) # functions of the member Heap.c.o alone
    if(listing MATCHES " [tT] ${symbol}\n")
        message(SEND_ERROR "${PROGRAM} has ${symbol} of Paho's heap tracking")
    endif()
endforeach()
