# Everything that the program links against comes from the distribution's packages (scripts/setup installs them).
# What is missing is told at once, and all of it.
set(voy_missing "")
function(voy_need name)
  foreach(found IN LISTS ARGN)
    if(${found})
      return()
    endif()
  endforeach()
  set(voy_missing "${voy_missing} ${name}" PARENT_SCOPE)
endfunction()

find_package(Threads REQUIRED)
find_package(PkgConfig QUIET)
voy_need(pkg-config PkgConfig_FOUND)
if(PkgConfig_FOUND)
  foreach(module IN ITEMS PQ:libpq MARIADB:libmariadb ZSTD:libzstd ISAL:libisal HTTPLIB:cpp-httplib UTF8PROC:libutf8proc)
    string(REPLACE ":" ";" module ${module})
    list(GET module 0 name)
    list(GET module 1 file)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET ${file})
    voy_need(${file} ${name}_FOUND)
  endforeach()
endif()
foreach(package IN ITEMS SQLite3 OpenSSL spdlog fmt nlohmann_json simdjson yaml-cpp GTest benchmark)
  find_package(${package} QUIET)
  voy_need(${package} ${package}_FOUND)
endforeach()

# libpg_query 17: Debian 13's package, unpacked by scripts/setup under build/deps on Debian 12 (see docs/decisions).
find_path(PG_QUERY_INCLUDE pg_query.h
  HINTS ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/include)
find_library(PG_QUERY_LIB NAMES libpg_query.a pg_query
  HINTS ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/lib/x86_64-linux-gnu
        ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/lib/aarch64-linux-gnu)
voy_need("libpg_query 17" PG_QUERY_LIB)
voy_need(pg_query.h PG_QUERY_INCLUDE)
if(voy_missing)
  message(FATAL_ERROR "These libraries and tools are missing:${voy_missing}.\n"
                      "On Debian 12 and 13 run scripts/setup, then this command again; for other systems README.md lists them with their versions.")
endif()
# It is linked in whole, so its licence goes along.
find_file(PG_QUERY_LICENCE copyright PATHS ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/share/doc/libpg-query-dev
          /usr/share/doc/libpg-query-dev NO_DEFAULT_PATH)
add_library(voy_pg_query INTERFACE)
target_include_directories(voy_pg_query SYSTEM INTERFACE ${PG_QUERY_INCLUDE})
target_link_libraries(voy_pg_query INTERFACE ${PG_QUERY_LIB})

# A second build of the same text is free where ccache is installed.
find_program(VOY_CCACHE ccache)
if(VOY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${VOY_CCACHE})
endif()
