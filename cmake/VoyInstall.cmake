# `cmake --install build [--prefix P]`: the program below P/bin; templates and scripts where the documents say, in
# /opt/yb-voyager for a system prefix, else below P/opt/yb-voyager (so that a user can install into a home directory).
install(TARGETS yb-voyager RUNTIME DESTINATION bin)
install(CODE "
  set(voy_share \"${CMAKE_SOURCE_DIR}/share\")
  if(CMAKE_INSTALL_PREFIX MATCHES \"^/usr(/local)?/?$\")
    set(voy_opt /opt/yb-voyager)
  else()
    set(voy_opt \"\${CMAKE_INSTALL_PREFIX}/opt/yb-voyager\")
  endif()
  file(INSTALL DESTINATION \"\${voy_opt}\" TYPE DIRECTORY FILES
       \"\${voy_share}/config-templates\" \"\${voy_share}/guardrails-scripts\")
")
