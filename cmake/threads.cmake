# Which programs have threads: those that reach, by their own includes and what these include, one of
# the parts that start them. ThreadSanitizer has nothing to find in the others.
set(thread_starters
    api/http_server.h events/log/embedded_log.h events/log/kafka_log.h projections/projector.h
    reactions/mail_run.h vault/secrets_topic.h)

# Sets `result` to TRUE or FALSE for a source file, named from the project's root.
function(reaches_threads file result)
  get_property(known GLOBAL PROPERTY "reaches_threads ${file}")
  if("${known}" STREQUAL "")
    # Said before its includes are looked at, so that headers which include each other end.
    set_property(GLOBAL PROPERTY "reaches_threads ${file}" FALSE)
    set(known FALSE)
    file(STRINGS ${PROJECT_SOURCE_DIR}/${file} includes
         REGEX "^#include (<thread>|<future>|\"[a-z_/]+\\.h\")")
    foreach(include ${includes})
      string(REGEX REPLACE "^#include [<\"]([a-z_/.]+)[>\"].*" "\\1" header "${include}")
      if(header MATCHES "^(thread|future)$" OR header IN_LIST thread_starters)
        set(known TRUE)
        break()
      endif()
      if(EXISTS ${PROJECT_SOURCE_DIR}/${header})
        reaches_threads(${header} known)
        if(known)
          break()
        endif()
      endif()
    endforeach()
    set_property(GLOBAL PROPERTY "reaches_threads ${file}" ${known})
  endif()
  set(${result} ${known} PARENT_SCOPE)
endfunction()
