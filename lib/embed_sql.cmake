# Makes C strings of the .sql files in lib/<layer>/sql: catalog.sql -> const char rs_query_catalog[].
#
# include() this from CMakeLists.txt before librs is declared, with RS_LIB_SOURCES set: it adds
# the generated queries.c to that list and the rule that makes it. The declarations stand in
# lib/<layer>/<layer>_queries.h, so a file without a declaration, or the other way round, does
# not compile or link. The rule runs this same file as
#   cmake -DOUT=<queries.c> -P embed_sql.cmake
# Lines of comment ("--" at their start) and empty lines are left out of the strings.

if(CMAKE_SCRIPT_MODE_FILE)
  set(text "/* Made by embed_sql.cmake from lib/<layer>/sql. */\n")
  file(GLOB headers RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/*/*_queries.h)
  list(SORT headers)
  foreach(header IN LISTS headers)
    string(APPEND text "#include \"${header}\"\n")
  endforeach()
  file(GLOB files ${CMAKE_CURRENT_LIST_DIR}/*/sql/*.sql)
  list(SORT files)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} sql)
    string(REGEX REPLACE "(^|\n)--[^\n]*" "\\1" sql "${sql}")
    string(REGEX REPLACE "\n\n+" "\n" sql "${sql}")
    string(REGEX REPLACE "^\n|\n$" "" sql "${sql}")
    string(REPLACE "\\" "\\\\" sql "${sql}")
    string(REPLACE "\"" "\\\"" sql "${sql}")
    string(REPLACE "\n" "\\n\"\n    \"" sql "${sql}")
    string(APPEND text "\nconst char rs_query_${name}[] =\n    \"${sql}\";\n")
  endforeach()
  file(WRITE ${OUT} "${text}")
  return()
endif()

file(GLOB RS_SQL_FILES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*/sql/*.sql
  ${CMAKE_CURRENT_LIST_DIR}/*/*_queries.h)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/queries.c
  COMMAND ${CMAKE_COMMAND} -DOUT=${PROJECT_BINARY_DIR}/queries.c
          -P ${CMAKE_CURRENT_LIST_DIR}/embed_sql.cmake
  DEPENDS ${RS_SQL_FILES} ${CMAKE_CURRENT_LIST_DIR}/embed_sql.cmake VERBATIM)
list(APPEND RS_LIB_SOURCES ${PROJECT_BINARY_DIR}/queries.c)
