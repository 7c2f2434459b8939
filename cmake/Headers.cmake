# The target `headers` compiles every header alone, without the precompiled one: each must include what it uses.
file(GLOB_RECURSE pgwraith_all_headers CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/include/pgwraith/*.h ${PROJECT_SOURCE_DIR}/src/*/*.h)
# base/detail/ holds the second half of a header, included at its end.
list(FILTER pgwraith_all_headers EXCLUDE REGEX "/detail/")
set(pgwraith_header_checks)
foreach(header ${pgwraith_all_headers})
  file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${header})
  string(MAKE_C_IDENTIFIER ${name} name)
  set(check ${PROJECT_BINARY_DIR}/headers/${name}.cpp)
  file(CONFIGURE OUTPUT ${check} CONTENT "#include \"${header}\"\n")
  list(APPEND pgwraith_header_checks ${check})
endforeach()
add_library(headers OBJECT EXCLUDE_FROM_ALL ${pgwraith_header_checks})
target_link_libraries(headers PRIVATE pgwraith_web CLI11::CLI11 pg_query)
target_compile_options(headers PRIVATE -O0 -g0)
file(GLOB pgwraith_module_folders LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/src/*)
list(FILTER pgwraith_module_folders EXCLUDE REGEX "[.](txt|cpp|h)$")
target_include_directories(headers PRIVATE ${pgwraith_module_folders})
