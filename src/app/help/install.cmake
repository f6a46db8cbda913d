# The man page and the bash completion, as the program itself writes them.
set(jensen_documents ${CMAKE_CURRENT_BINARY_DIR}/jensen.1 ${CMAKE_CURRENT_BINARY_DIR}/jensen.bash)
add_custom_command(
  OUTPUT ${jensen_documents}
  COMMAND jensen_app help --man > jensen.1
  COMMAND jensen_app help --completion > jensen.bash
  DEPENDS jensen_app VERBATIM
  COMMENT "Writing the man page and the bash completion")
add_custom_target(jensen_documents ALL DEPENDS ${jensen_documents})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/jensen.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT jensen_documents)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/jensen.bash RENAME jensen
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT jensen_documents)
