# One interface target carries the compiler flags of everything that is ours.
add_library(pgwraith_flags INTERFACE)
target_compile_options(pgwraith_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${PGWRAITH_WERROR}>:-Werror>)
# g++ 12 reports these where they are not: in coroutine frames, and in std::string's small buffer when optimizing.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(pgwraith_flags INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()
target_include_directories(pgwraith_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(pgwraith_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_DATE_TIME BOOST_ASIO_SEPARATE_COMPILATION)
if(PGWRAITH_FAULTS)
  target_compile_definitions(pgwraith_flags INTERFACE PGWRAITH_FAULTS)
endif()
if(PGWRAITH_SANITIZE)
  # Asio's fences are not modelled, says g++; what they order is under a mutex as well.
  if(PGWRAITH_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(pgwraith_flags INTERFACE -Wno-tsan)
  endif()
  target_compile_options(pgwraith_flags INTERFACE -fsanitize=${PGWRAITH_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(pgwraith_flags INTERFACE -fsanitize=${PGWRAITH_SANITIZE})
  # Otherwise a report of undefined behaviour is a line that no test sees.
  if(PGWRAITH_SANITIZE MATCHES "undefined")
    target_compile_options(pgwraith_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
  # What the checks describe is half of the program; at a fixed address it need not be relocated at each start.
  if(PGWRAITH_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_link_options(pgwraith_flags INTERFACE -no-pie)
  endif()
endif()
