# `cmake --install build [--prefix P]`: the program below P/bin; templates and scripts where the documents say, in
# /opt/yb-voyager and /etc/yb-voyager for a system prefix, else below P/opt/yb-voyager and P/etc/yb-voyager (so that a user
# can install into a home directory).
install(TARGETS yb-voyager RUNTIME DESTINATION bin)
install(CODE "
  set(voy_share \"${CMAKE_SOURCE_DIR}/share\")
  if(CMAKE_INSTALL_PREFIX MATCHES \"^/usr(/local)?/?$\")
    set(voy_opt /opt/yb-voyager)
    set(voy_etc /etc/yb-voyager)
  else()
    set(voy_opt \"\${CMAKE_INSTALL_PREFIX}/opt/yb-voyager\")
    set(voy_etc \"\${CMAKE_INSTALL_PREFIX}/etc/yb-voyager\")
  endif()
  file(INSTALL DESTINATION \"\${voy_opt}\" TYPE DIRECTORY FILES
       \"\${voy_share}/config-templates\" \"\${voy_share}/guardrails-scripts\")
  # The queries beside the script are the program's own: a link in the tree, files where they are installed.
  set(voy_gather \"\${voy_etc}/gather-assessment-metadata/postgresql\")
  file(INSTALL DESTINATION \"\${voy_gather}\" TYPE PROGRAM FILES
       \"\${voy_share}/gather-assessment-metadata/postgresql/yb-voyager-pg-gather-assessment-metadata.sh\")
  file(GLOB voy_queries \"${CMAKE_SOURCE_DIR}/src/connectors/postgresql/gather/*.sql\")
  file(INSTALL DESTINATION \"\${voy_gather}/sql\" TYPE FILE FILES \${voy_queries})
")
