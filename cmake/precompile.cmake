# Headers that nearly every file reads, read once for all rooms (and once for all tests, with Catch2):
# the values of all events and commands, and what of the libraries is costly. Only what seldom changes
# belongs here: a touched one compiles everything anew.
option(KLASBOEK_PCH "Precompile the headers that nearly every file reads" OFF)
set(precompiled_headers
    <algorithm> <atomic> <chrono> <condition_variable> <expected> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <set> <span> <string> <thread> <unordered_map> <variant> <vector>
    <rocksdb/db.h> <spdlog/spdlog.h> <events/commit.h>)

# Called once, where the rooms are made.
macro(precompile_headers)
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
  add_library(klasboek_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
  if(BUILD_SHARED_LIBS)  # As the rooms are then compiled.
    set_target_properties(klasboek_precompiled PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  target_include_directories(klasboek_precompiled PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(klasboek_precompiled PRIVATE klasboek_schemas PkgConfig::ROCKSDB
                        spdlog::spdlog)
  target_precompile_headers(klasboek_precompiled PRIVATE ${precompiled_headers})
  # What was precompiled is taken only where the macros that it was made with are defined.
  add_compile_definitions($<TARGET_PROPERTY:spdlog::spdlog,INTERFACE_COMPILE_DEFINITIONS>)
endmacro()
