# What `cmake --install` and the Debian package put where. Manual pages are made from docs/ where
# lowdown is installed (third_party/install package).

install(FILES ${PROJECT_SOURCE_DIR}/conf/completions/nightshift.bash RENAME nightshift
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PROJECT_SOURCE_DIR}/conf/completions/_nightshift
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${PROJECT_SOURCE_DIR}/conf/completions/nightshift.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${PROJECT_SOURCE_DIR}/conf/grafana-dashboard.json ${PROJECT_SOURCE_DIR}/conf/prometheus-alerts.yaml
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
# The schemas that editors complete and check by; the examples say where they lie, seen from there.
set(schemas ${CMAKE_INSTALL_DATADIR}/nightshift)
install(FILES ${PROJECT_SOURCE_DIR}/conf/batch.schema.json ${PROJECT_SOURCE_DIR}/conf/config.schema.json
  DESTINATION ${schemas})
file(RELATIVE_PATH to_schemas /${CMAKE_INSTALL_DOCDIR}/examples /${schemas})
foreach(example batch.yaml nightshift.yaml)
  set(made_example ${PROJECT_BINARY_DIR}/examples/${example})
  add_custom_command(OUTPUT ${made_example}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/examples
    COMMAND sh -c "sed '1s,[$]schema=,&${to_schemas}/,' '${PROJECT_SOURCE_DIR}/conf/${example}' >'${made_example}'"
    DEPENDS ${PROJECT_SOURCE_DIR}/conf/${example} VERBATIM)
  list(APPEND made_examples ${made_example})
  install(FILES ${made_example} DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
endforeach()
add_custom_target(examples ALL DEPENDS ${made_examples})
install(FILES ${PROJECT_SOURCE_DIR}/docs/operating.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/conf/nightshift.service DESTINATION lib/systemd/user)
install(FILES ${PROJECT_SOURCE_DIR}/conf/nightshift-system.service DESTINATION lib/systemd/system
  RENAME nightshift.service)

find_program(LOWDOWN lowdown)
if(LOWDOWN)
  foreach(page commands:nightshift.1 batch:nightshift-batch.5 config:nightshift-config.5)
    string(REGEX MATCH "^([a-z]+):(.*)([0-9])$" matched ${page})
    set(source ${PROJECT_SOURCE_DIR}/docs/${CMAKE_MATCH_1}.md)
    set(section ${CMAKE_MATCH_3})
    set(made ${PROJECT_BINARY_DIR}/man/${CMAKE_MATCH_2}${section})
    add_custom_command(OUTPUT ${made}.gz
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
      COMMAND bash -c "set -o pipefail; docs/man.sh '${source}' | gzip -9nc >'${made}.gz'"
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      DEPENDS ${source} ${PROJECT_SOURCE_DIR}/docs/man.sh VERBATIM)
    list(APPEND pages ${made}.gz)
    install(FILES ${made}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  add_custom_target(man ALL DEPENDS ${pages})
endif()

# Debian wants its own two files, compressed without names or times in them.
set(debian ${PROJECT_BINARY_DIR}/debian)
configure_file(${PROJECT_SOURCE_DIR}/conf/debian-changelog.in ${debian}/changelog @ONLY)
add_custom_command(OUTPUT ${debian}/changelog.gz
  COMMAND sh -c "gzip -9nc changelog >changelog.gz"
  COMMAND sh -c "gzip -9nc '${PROJECT_SOURCE_DIR}/CHANGELOG.md' >upstream.gz"
  WORKING_DIRECTORY ${debian}
  DEPENDS ${debian}/changelog ${PROJECT_SOURCE_DIR}/CHANGELOG.md VERBATIM)
add_custom_target(debian_docs ALL DEPENDS ${debian}/changelog.gz)
install(FILES ${debian}/changelog.gz RENAME changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/upstream.gz RENAME changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/conf/debian-copyright RENAME copyright
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME nightshift)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The nightshift maintainers <maintainers@nightshift.example>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://nightshift.example/")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "overnight scheduler for voice swaps in video clips")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "nightshift works through a batch of video clips and voices, over several
Runway accounts behind useapi.net, and leaves whole results on disk. It
keeps every account as busy as it lets itself be, follows each task to
its end, and never pays twice for a job.")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
  GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_COMPONENTS_ALL Unspecified debian)
include(CPack)
