# Every header compiles alone, whatever was included before it: one source a header, built with everything else. What a test
# needs is among them; programs for users are built without (target `yb-voyager`).
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/src/*.h)
set(alone)
foreach(header ${headers})
  string(MAKE_C_IDENTIFIER ${header} name)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/headers/${name}.cc CONTENT "#include \"${header}\"\n")
  list(APPEND alone ${CMAKE_BINARY_DIR}/headers/${name}.cc)
endforeach()
add_library(headers_alone OBJECT ${alone})
target_link_libraries(headers_alone PRIVATE voy_flags)
target_compile_options(headers_alone PRIVATE -O0 -g0)
