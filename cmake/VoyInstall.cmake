# `cmake --install build [--prefix P]`: the program below P/bin, its manual pages, completions and documents below P/share;
# templates and scripts where the documents say, in /opt/yb-voyager and /etc/yb-voyager for a system prefix, else below
# P/opt/yb-voyager and P/etc/yb-voyager (so that a user can install into a home directory).
install(TARGETS yb-voyager RUNTIME DESTINATION bin)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md
        DESTINATION share/doc/yb-voyager)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/yb-voyager RENAME copyright)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION share/doc/yb-voyager)
if(PG_QUERY_LICENCE)
  install(FILES ${PG_QUERY_LICENCE} DESTINATION share/doc/yb-voyager/licences RENAME libpg_query)
endif()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(voy_zsh share/zsh/site-functions)
if(EXISTS /etc/debian_version)
  set(voy_zsh share/zsh/vendor-completions)
endif()
install(CODE "
  # What the program prints of itself.
  set(voy_made \"${CMAKE_BINARY_DIR}/made\")
  set(voy_program \"${CMAKE_BINARY_DIR}/bin/yb-voyager\")
  file(REMOVE_RECURSE \"\${voy_made}\")
  file(MAKE_DIRECTORY \"\${voy_made}\")
  execute_process(COMMAND \"${Python3_EXECUTABLE}\" \"${CMAKE_SOURCE_DIR}/tools/man_pages\" \"\${voy_made}/man1\" \"\${voy_program}\"
                  COMMAND_ERROR_IS_FATAL ANY)
  foreach(file IN ITEMS bash:yb-voyager zsh:_yb-voyager fish:yb-voyager.fish)
    string(REPLACE \":\" \";\" file \"\${file}\")
    list(GET file 0 voy_shell)
    list(GET file 1 voy_name)
    file(MAKE_DIRECTORY \"\${voy_made}/\${voy_shell}\")
    execute_process(COMMAND \"\${voy_program}\" completion \${voy_shell} OUTPUT_FILE \"\${voy_made}/\${voy_shell}/\${voy_name}\"
                    COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/share/man\" TYPE DIRECTORY FILES \"\${voy_made}/man1\")
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/share/bash-completion/completions\" TYPE FILE FILES \"\${voy_made}/bash/yb-voyager\")
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${voy_zsh}\" TYPE FILE FILES \"\${voy_made}/zsh/_yb-voyager\")
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/share/fish/vendor_completions.d\" TYPE FILE FILES \"\${voy_made}/fish/yb-voyager.fish\")

  set(voy_share \"${CMAKE_SOURCE_DIR}/share\")
  if(CMAKE_INSTALL_PREFIX MATCHES \"^/usr(/local)?/?$\")
    set(voy_opt /opt/yb-voyager)
    set(voy_etc /etc/yb-voyager)
  else()
    set(voy_opt \"\${CMAKE_INSTALL_PREFIX}/opt/yb-voyager\")
    set(voy_etc \"\${CMAKE_INSTALL_PREFIX}/etc/yb-voyager\")
  endif()
  file(INSTALL DESTINATION \"\${voy_opt}\" TYPE DIRECTORY FILES
       \"\${voy_share}/config-templates\" \"\${voy_share}/guardrails-scripts\" \"\${voy_share}/grafana\")
  # The queries beside the script are the program's own: a link in the tree, files where they are installed.
  set(voy_gather \"\${voy_etc}/gather-assessment-metadata/postgresql\")
  file(INSTALL DESTINATION \"\${voy_gather}\" TYPE PROGRAM FILES
       \"\${voy_share}/gather-assessment-metadata/postgresql/yb-voyager-pg-gather-assessment-metadata.sh\")
  file(GLOB voy_queries \"${CMAKE_SOURCE_DIR}/src/connectors/postgresql/gather/*.sql\")
  file(INSTALL DESTINATION \"\${voy_gather}/sql\" TYPE FILE FILES \${voy_queries})
  set(voy_gather \"\${voy_etc}/gather-assessment-metadata/mysql\")
  file(INSTALL DESTINATION \"\${voy_gather}\" TYPE PROGRAM FILES
       \"\${voy_share}/gather-assessment-metadata/mysql/yb-voyager-mysql-gather-assessment-metadata.sh\")
  file(GLOB voy_queries \"${CMAKE_SOURCE_DIR}/src/connectors/mysql/sql/*.sql\")
  file(INSTALL DESTINATION \"\${voy_gather}/sql\" TYPE FILE FILES \${voy_queries})
")
