# voy_folder(NAME DEPS ... LIBS ... TEST_DEPS ...): one folder of src/ as one static library `voy_NAME` built from its *.cc,
# and one test program `NAME_test` built from its *_test.cc.
#   DEPS       the folders it may include from (names as in src/CMakeLists.txt): the include rule of docs/ARCHITECTURE.md
#   LIBS       outside libraries
#   TEST_DEPS  what only its tests need
add_library(voy_flags INTERFACE)
target_include_directories(voy_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(voy_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105329: with -O2, GCC 12 takes an assignment of a string literal for an overlap.
  target_compile_options(voy_flags INTERFACE -Wno-restrict)
endif()
if(VOY_WERROR)
  target_compile_options(voy_flags INTERFACE -Werror)
endif()
if(VOY_SANITIZE)
  target_compile_options(voy_flags INTERFACE -fsanitize=${VOY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(voy_flags INTERFACE -fsanitize=${VOY_SANITIZE})
endif()

function(voy_folder name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(deps ${ARG_DEPS})
  list(TRANSFORM deps PREPEND voy_)
  set(test_deps ${ARG_TEST_DEPS})
  list(TRANSFORM test_deps PREPEND voy_)
  if(sources)
    add_library(voy_${name} STATIC ${sources})
    target_link_libraries(voy_${name} PUBLIC voy_flags ${deps} PRIVATE ${ARG_LIBS})
  else()
    add_library(voy_${name} INTERFACE)
    target_link_libraries(voy_${name} INTERFACE voy_flags ${deps})
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE voy_${name} ${test_deps} ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
    # __FILE__ need not be a path that can be opened from where a test runs: a compiler cache may shorten it.
    target_compile_definitions(${name}_test PRIVATE VOY_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}"
                                                    VOY_FIXTURES="${CMAKE_SOURCE_DIR}/tests/fixtures")
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit)
  endif()
endfunction()
