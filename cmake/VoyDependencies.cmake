# Everything that the program links against comes from the distribution's packages (scripts/setup installs them).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(MARIADB REQUIRED IMPORTED_TARGET libmariadb)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# libpg_query 17: Debian 13's package, unpacked by scripts/setup under build/deps on Debian 12 (see docs/decisions).
find_path(PG_QUERY_INCLUDE pg_query.h
  HINTS ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/include REQUIRED)
find_library(PG_QUERY_LIB NAMES libpg_query.a pg_query
  HINTS ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/lib/x86_64-linux-gnu
        ${CMAKE_SOURCE_DIR}/build/deps/libpg-query/usr/lib/aarch64-linux-gnu REQUIRED)
add_library(voy_pg_query INTERFACE)
target_include_directories(voy_pg_query SYSTEM INTERFACE ${PG_QUERY_INCLUDE})
target_link_libraries(voy_pg_query INTERFACE ${PG_QUERY_LIB})

# A second build of the same text is free where ccache is installed.
find_program(VOY_CCACHE ccache)
if(VOY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${VOY_CCACHE})
endif()
