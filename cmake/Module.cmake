# pgwraith_module(NAME DEPENDS module... LIBRARIES target...)
# One static library per folder of src/. DEPENDS names modules from further up the
# table in docs/architecture.md only: an arrow the other way does not link.
function(pgwraith_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(pgwraith_${name} STATIC ${sources})
  list(TRANSFORM ARG_DEPENDS PREPEND pgwraith_)
  target_link_libraries(pgwraith_${name} PUBLIC pgwraith_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})
  target_include_directories(pgwraith_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  target_precompile_headers(pgwraith_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src/pch.h)
endfunction()

# pgwraith_unit_test(MODULE): tests/unit/MODULE/*.cpp against that module (and what lies under it).
function(pgwraith_unit_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE pgwraith_${name} GTest::gmock GTest::gtest_main)
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/src/${name})
  add_test(NAME unit.${name} COMMAND ${name}_tests)
endfunction()
