# Event schemas: C++ value types, and the binary schema with its hash for everyone who reads the log.
set(schema_dir ${PROJECT_SOURCE_DIR}/events/schema)
set(schema_out ${PROJECT_BINARY_DIR}/generated/events/schema)
file(GLOB schema_files CONFIGURE_DEPENDS ${schema_dir}/*.fbs)
file(MAKE_DIRECTORY ${schema_out})

set(schema_headers)
foreach(schema ${schema_files})
  get_filename_component(stem ${schema} NAME_WE)
  set(header ${schema_out}/${stem}_generated.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND flatc --cpp --cpp-std c++17 --scoped-enums --gen-object-api --gen-compare
            --keep-prefix -I ${schema_dir} -o ${schema_out} ${schema}
    DEPENDS ${schema_files}
    COMMENT "flatc ${stem}.fbs")
  list(APPEND schema_headers ${header})
endforeach()

set(bfbs ${schema_out}/envelope.bfbs)
set(bfbs_source ${schema_out}/envelope_bfbs.h)
add_custom_command(
  OUTPUT ${bfbs_source}
  COMMAND flatc --binary --schema --bfbs-comments -I ${schema_dir} -o ${schema_out}
          ${schema_dir}/envelope.fbs
  COMMAND ${CMAKE_COMMAND} -DINPUT=${bfbs} -DOUTPUT=${bfbs_source} -P
          ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
  BYPRODUCTS ${bfbs}
  DEPENDS ${schema_files} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
  COMMENT "binary schema of the events")

add_custom_target(schema_sources DEPENDS ${schema_headers} ${bfbs_source})
add_library(klasboek_schemas INTERFACE)
add_dependencies(klasboek_schemas schema_sources)
target_include_directories(klasboek_schemas SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/generated)
