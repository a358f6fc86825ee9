# Packages: scripts/package makes them all. The .deb is what `cmake --install` puts below /usr, /opt and /etc, and takes its
# libraries from Debian; the .rpm is made of a folder that scripts/package has staged with the libraries beside the program.
set(CPACK_PACKAGE_NAME yb-voyager)
set(CPACK_PACKAGE_CONTACT "yb-voyager maintainers <yb-voyager@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "move PostgreSQL and MySQL databases to YugabyteDB")
set(CPACK_PACKAGE_DESCRIPTION "Assesses a database, moves its schema, its rows and the changes that are
written meanwhile to YugabyteDB or another server that speaks PostgreSQL,
and proves in the end that both sides are equal.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)

# What VoyInstall.cmake puts below /etc. A person may edit these: both kinds of packages keep the edited file when they are
# installed again or in a newer version.
set(voy_etc_files /etc/yb-voyager/gather-assessment-metadata/postgresql/yb-voyager-pg-gather-assessment-metadata.sh)
file(GLOB voy_queries CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/connectors/postgresql/gather/*.sql)
foreach(file IN LISTS voy_queries)
  get_filename_component(name ${file} NAME)
  list(APPEND voy_etc_files /etc/yb-voyager/gather-assessment-metadata/postgresql/sql/${name})
endforeach()
list(APPEND voy_etc_files /etc/yb-voyager/gather-assessment-metadata/mysql/yb-voyager-mysql-gather-assessment-metadata.sh)
file(GLOB voy_queries CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/connectors/mysql/sql/*.sql)
foreach(file IN LISTS voy_queries)
  get_filename_component(name ${file} NAME)
  list(APPEND voy_etc_files /etc/yb-voyager/gather-assessment-metadata/mysql/sql/${name})
endforeach()
list(JOIN voy_etc_files "\n" voy_conffiles)
file(WRITE ${CMAKE_BINARY_DIR}/packaging/conffiles "${voy_conffiles}\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/packaging/conffiles)
list(TRANSFORM voy_etc_files PREPEND "%config(noreplace) " OUTPUT_VARIABLE CPACK_RPM_USER_FILELIST)

# The system is a part of the version, so that a newer Debian's package is the newer one.
file(STRINGS /etc/os-release voy_os REGEX "^(ID|VERSION_ID)=")
string(REGEX MATCH "ID=([a-z]+)" voy_ "${voy_os}")
set(voy_system ${CMAKE_MATCH_1})
string(REGEX MATCH "VERSION_ID=\"?([0-9]+)" voy_ "${voy_os}")
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~${voy_system}${CMAKE_MATCH_1}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# pg_dump and psql: only what reads a PostgreSQL source's schema needs them, and they may come from elsewhere.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS postgresql-client)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0")
set(CPACK_RPM_PACKAGE_GROUP Applications/Databases)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none\nRecommends: postgresql")
# The libraries are in the package; their names are nobody else's business.
set(CPACK_RPM_PACKAGE_AUTOREQPROV no)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /opt /etc /usr/share/man /usr/share/man/man1 /usr/share/doc
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/site-functions
    /usr/share/fish /usr/share/fish/vendor_completions.d)
include(CPack)
